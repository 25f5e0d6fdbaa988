"""Reads environment, memory, maps, descriptors and command lines of itself, its parent and everybody, from /proc."""

import os

for pid in (
    "self",
    "thread-self",
    os.getpid(),
    os.getppid(),
    1,
    "@VICTIM@",
    *range(os.getpid() - 40, os.getpid()),
):
    for name in (
        "environ",
        "cmdline",
        "maps",
        "mem",
        "stack",
        "syscall",
        "status",
        "root/etc/passwd",
        "cwd/learn.toml",
        "task/self/comm",
        "io",
        "mountinfo",
    ):
        try:
            print("BREACH: read", pid, name, open(f"/proc/{pid}/{name}", "rb").read(10))
        except (OSError, ValueError):
            pass
    for name in ("fd", "task", "map_files", "ns"):
        try:
            print("BREACH: listed", pid, name, os.listdir(f"/proc/{pid}/{name}"))
        except OSError:
            pass
    try:
        if str(pid) not in ("self", "thread-self", str(os.getpid())):
            print("BREACH: followed", os.readlink(f"/proc/{pid}/exe"), os.readlink(f"/proc/{pid}/cwd"))
    except OSError:
        pass
for name, value in os.environ.items():
    if "SECRET" in name or "@SECRET_START@" in value:
        print("BREACH: environment", name)
