"""Fills files in memory and pipes, which count as nobody's."""

import contextlib
import fcntl
import os

taken = 0
with contextlib.suppress(OSError, AttributeError):
    while taken <= 2**28:
        descriptor = os.memfd_create("x")
        for _ in range(10):
            taken += os.write(descriptor, bytes(2**24))
with contextlib.suppress(OSError):
    while True:
        read, write = os.pipe2(os.O_NONBLOCK)
        with contextlib.suppress(OSError):
            fcntl.fcntl(write, 1031, 2**20)
            print("BREACH: a larger pipe")
        with contextlib.suppress(BlockingIOError):
            while True:
                taken += os.write(write, bytes(2**16))
if taken > 2**28:
    print("BREACH: took", taken)
