"""Reads accounts, host names, logs, the home folder, and lists the file system."""

import os
from pathlib import Path

for name in (
    "/etc/passwd",
    "/etc/shadow",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/var/log/dpkg.log",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/mounts",
    "/sys/kernel/notes",
    "/dev/mem",
    "/dev/kmsg",
):
    try:
        print("BREACH: read", name, open(name, "rb").read(10))
    except OSError:
        pass
for name in ("/", "/home", "/root", "/tmp", "/etc", "/var", "/proc", "/dev", "/run", "/mnt", "@HOME@", ".."):
    try:
        print("BREACH: listed", name, os.listdir(name)[:3])
    except OSError:
        pass
for name in (".bash_history", ".ssh/id_rsa", ".netrc", ".profile", ".bashrc"):
    try:
        print("BREACH: read", Path("@HOME@", name).read_bytes()[:10])
    except OSError:
        pass
