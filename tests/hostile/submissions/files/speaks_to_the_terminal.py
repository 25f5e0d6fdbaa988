"""Speaks to the terminal behind its standard output, and types into it."""

import contextlib
import fcntl
import os

for name in ("/dev/tty", "/dev/console", "/dev/pts/0", "/dev/ptmx"):
    with contextlib.suppress(OSError):
        os.write(os.open(name, os.O_RDWR | os.O_NOCTTY), b"echo BREACH > @OUTSIDE@/typed\n")
        print("BREACH: opened", name)
for descriptor in range(3):
    for letter in b"touch @OUTSIDE@/typed\n":
        with contextlib.suppress(OSError):
            fcntl.ioctl(descriptor, 0x5412, bytes([letter]))
            print("BREACH: typed")
