"""Limits and slows down its parent and the victim, and gives itself more: rlimits, priorities, processors."""

import contextlib
import ctypes
import os
import resource

libc = ctypes.CDLL(None, use_errno=True)
for pid in (int("@VICTIM@"), os.getppid(), 1):
    for kind in (resource.RLIMIT_CPU, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_AS):
        with contextlib.suppress(OSError):
            resource.prlimit(pid, kind, (0, 0))
            print("BREACH: limited", pid)
    with contextlib.suppress(OSError):
        os.sched_setaffinity(pid, {0})
        print("BREACH: processors of", pid)
    for kind in (os.PRIO_PROCESS, os.PRIO_PGRP, os.PRIO_USER):
        with contextlib.suppress(OSError):
            os.setpriority(kind, pid, 19)
            print("BREACH: priority", kind, pid)
    with contextlib.suppress(OSError):
        os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
        print("BREACH: scheduler of", pid)
    if libc.syscall(251, 1, pid, 3 << 13) == 0:
        print("BREACH: io priority of", pid)
for kind in range(16):
    with contextlib.suppress(OSError, ValueError):
        soft, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            resource.setrlimit(kind, (hard + 1, hard + 1))
            print("BREACH: raised limit", kind)
with contextlib.suppress(OSError):
    os.nice(-5)
    print("BREACH: a better priority")
with contextlib.suppress(OSError):
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    print("BREACH: real time")
