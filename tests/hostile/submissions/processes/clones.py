"""Clones itself by the bare system calls, threads' flags left out or mixed with those of new namespaces."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
me = os.getpid()
SIGCHLD, VM, THREAD = 17, 0x100, 0x10000
for flags in (
    SIGCHLD,
    0x8000 | SIGCHLD,
    0x4000 | VM | SIGCHLD,
    0x10000000 | SIGCHLD,
    0x20000000 | SIGCHLD,
    0x7E020000 | SIGCHLD,
    0x1200011,
    0x00800000 | SIGCHLD,
):
    number = libc.syscall(56, flags, 0, 0, 0, 0)
    if number == 0:
        os.write(1, b"BREACH: a clone\n")
        os._exit(0)
    if number > 0:
        print("BREACH: cloned", hex(flags), number)
arguments = ctypes.create_string_buffer(88)
number = libc.syscall(435, arguments, 88)
if number == 0 and os.getpid() != me:
    os._exit(0)
if number > 0:
    print("BREACH: clone3")
for call in (57, 58):
    number = libc.syscall(call)
    if number == 0 and os.getpid() != me:
        os._exit(0)
    if number > 0:
        print("BREACH: call", call)
