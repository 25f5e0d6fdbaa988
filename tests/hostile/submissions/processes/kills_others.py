"""Kills its parent, the victim, everybody of its user, and everybody beside it."""

import contextlib
import ctypes
import os
import signal

libc = ctypes.CDLL(None, use_errno=True)
targets = [
    int("@VICTIM@"),
    os.getppid(),
    1,
    *range(max(os.getpid() - 30, 2), os.getpid()),
    # Last those that it is one of itself.
    -1,
    -os.getpgrp(),
    0,
]
for pid in targets:
    for number in (0, signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(OSError):
            os.kill(pid, number)
            print("BREACH: sent", number, "to", pid)
    with contextlib.suppress(OSError):
        os.killpg(pid, signal.SIGKILL)
        print("BREACH: group", pid)
    if libc.syscall(234, pid, pid, 9) == 0 or libc.syscall(200, pid, 9) == 0:
        print("BREACH: by thread", pid)
    if libc.syscall(129, pid, 9, ctypes.create_string_buffer(128)) == 0:
        print("BREACH: queued", pid)
    with contextlib.suppress(OSError, AttributeError):
        signal.pidfd_send_signal(os.pidfd_open(pid), signal.SIGKILL)
        print("BREACH: by descriptor", pid)
