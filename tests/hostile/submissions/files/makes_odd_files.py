"""Fills its scratch folder with links, odd names, folders that nobody may read: cleaning up must follow no link."""

import contextlib
import os
import socket

os.umask(0o777)
for number in range(50):
    with contextlib.suppress(OSError):
        os.symlink("@OUTSIDE@", f"to_outside_{number}")
        os.symlink("@OUTSIDE@/target.txt", f"to_target_{number}")
        os.symlink(".", f"loop_{number}")
for name in (b"\xff\xfe", b"\x1b[2J", b"new\nline", b"-rf", b" ", b"*", b"'", b"a" * 255, b"..."):
    with contextlib.suppress(OSError):
        os.mkdir(os.path.join(b".", name))
    with contextlib.suppress(OSError):
        os.close(os.open(os.path.join(b".", name + b"f"), os.O_CREAT | os.O_WRONLY, 0))
os.umask(0)
os.mkdir("closed", 0o300)
os.mkdir("closed/inside", 0o300)
open("closed/inside/file", "w").close()
os.symlink("@OUTSIDE@", "closed/inside/link")
for attempt in (
    lambda: os.mkfifo("fifo"),
    lambda: os.mknod("device", 0o60600, os.makedev(8, 0)),
    lambda: socket.socket(socket.AF_UNIX).bind("socket"),
):
    try:
        attempt()
        print("BREACH: a FIFO, a device or a socket")
    except OSError:
        pass
