"""Traces and reads the memory of its parent and of the victim, and takes descriptors from them."""

import contextlib
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
buffer = ctypes.create_string_buffer(100)
vector = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 100)
NONE = ctypes.c_long(0)  # the last of six arguments lies on the stack, as wide as it is


def somewhere_in(pid):
    """Where something lies there; what was forked from one process lies at the same place in all."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/maps") as maps:
        return int(maps.readline().partition("-")[0], 16)
    return ctypes.addressof(buffer)


for pid in (int("@VICTIM@"), os.getppid(), os.getpid()):
    remote = (ctypes.c_size_t * 2)(somewhere_in(pid), 100)
    for request in (16, 0x4206):
        if libc.syscall(101, request, pid, 0, 0) == 0:
            print("BREACH: traces", pid)
    if libc.syscall(310, pid, vector, 1, remote, 1, NONE) > 0:
        print("BREACH: read memory of", pid)
    if libc.syscall(311, pid, vector, 1, remote, 1, NONE) > 0:
        print("BREACH: wrote memory of", pid)
    with contextlib.suppress(OSError, AttributeError):
        descriptor = os.pidfd_open(pid)
        print("BREACH: a descriptor of", pid)
        libc.syscall(438, descriptor, 0, 0)
    if libc.syscall(312, os.getpid(), pid, 0, 0, 0) >= 0:
        print("BREACH: compares with", pid)
    if libc.syscall(279, pid, 1, ctypes.byref(ctypes.c_void_p()), None, None, NONE) >= 0:
        print("BREACH: pages of", pid)
if libc.syscall(101, 0, 0, 0, 0) == 0:
    print("BREACH: lets itself be traced")
