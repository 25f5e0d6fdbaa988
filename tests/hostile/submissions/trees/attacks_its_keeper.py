"""Stops and kills its keeper, the engine and the victim, and clears what ends it with its parent."""
import contextlib
import ctypes
import os
import resource
import signal

libc = ctypes.CDLL(None, use_errno=True)
for pid in (os.getppid(), int("@VICTIM@"), 1, -1, os.getppid() - 1, os.getppid() - 2):
    if pid == 0:  # that would be itself
        continue
    for number in (0, signal.SIGSTOP, signal.SIGKILL):
        if pid == -1 and number:
            continue
        with contextlib.suppress(OSError):
            os.kill(pid, number)
            if pid != -1:
                print("BREACH: sent", number, "to", pid)
    with contextlib.suppress(OSError):
        resource.prlimit(pid, resource.RLIMIT_CPU, (0, 0))
        print("BREACH: limited", pid)
    if libc.syscall(101, 16, pid, 0, 0) == 0:
        print("BREACH: traces", pid)
if libc.prctl(1, 0, 0, 0, 0) == 0:
    print("BREACH: may outlive its keeper")
for call in (317, 446, 272, 56):
    flags = 0x10000000 | 17 if call == 56 else 0
    if libc.syscall(call, flags, 0, 0, 0, 0) > 0:
        print("BREACH: call", call)
