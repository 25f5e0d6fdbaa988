"""Lets the kernel send signals for it: owners of descriptors, timers, leases, message queues, the parent's death."""

import contextlib
import ctypes
import fcntl
import os
import signal
import struct

victim = int("@VICTIM@")
read, write = os.pipe()
for pid in (victim, os.getppid(), -os.getpgrp()):
    for descriptor in (read, write, 0, 1, 2, 3, 4, 5, 6):
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETOWN, pid)
            print("BREACH: owner", pid)
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, 15, struct.pack("ii", 1, pid))
            print("BREACH: owner, extended", pid)
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, 10, signal.SIGKILL)
            print("BREACH: signal of a descriptor")
        for command in (0x8901, 0x8902, 0x5452):
            with contextlib.suppress(OSError):
                fcntl.ioctl(descriptor, command, struct.pack("i", pid))
                print("BREACH: ioctl", hex(command))
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_ASYNC)
    os.write(write, b"x")  # there is something to read now, and the owner is told by the signal that was chosen
with contextlib.suppress(OSError):
    fcntl.fcntl(os.open(os.__file__, os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_RDLCK)
    print("BREACH: a lease")
libc = ctypes.CDLL(None, use_errno=True)
event = struct.pack("qiii", 0, signal.SIGKILL, 4, victim) + bytes(44)
if libc.syscall(222, 0, event, ctypes.create_string_buffer(8)) == 0:
    print("BREACH: a timer for another")
for option, value in (
    (1, 0),
    (4, 1),
    (36, 1),
    (0x59616D61, victim),
    (35, 0),
    (22, 2),
    (38, 0),
    (24, 1),
    (28, 0),
):
    if libc.prctl(option, value, 0, 0, 0) == 0:
        print("BREACH: prctl", option)
