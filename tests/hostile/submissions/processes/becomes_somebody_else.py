"""Changes its user, groups, capabilities, personality and filters."""

import contextlib
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
for name, arguments in (
    ("setuid", (65534,)),
    ("setgid", (65534,)),
    ("setgroups", ([],)),
    ("seteuid", (1,)),
    ("setreuid", (1, 1)),
    ("setresuid", (1, 1, 1)),
    ("setpgid", (0, 0)),
    ("setsid", ()),
):
    with contextlib.suppress(OSError):
        getattr(os, name)(*arguments)
        print("BREACH:", name)
header = (ctypes.c_uint32 * 2)(0x20080522, 0)
if libc.capset(header, (ctypes.c_uint32 * 6)(*[0xFFFFFFFF] * 6)) == 0:
    print("BREACH: capabilities")
data = (ctypes.c_uint32 * 6)()
if libc.capget(header, data) == 0 and any(data):
    print("BREACH: has capabilities", list(data))
for call, arguments in (
    (135, (0x0400000,)),
    (317, (1, 0, None)),
    (446, (0, 0)),
    (154, (1, None, 0)),
    (172, (3,)),
    (173, (0, 1, 1)),
    (163, (None,)),
    (170, (b"x", 1)),
    (171, (b"x", 1)),
    (164, (None, None)),
    (227, (0, None)),
    (169, (0xFEE1DEAD, 0, 0, 0)),
):
    if libc.syscall(call, *arguments) == 0:
        print("BREACH: call", call)
