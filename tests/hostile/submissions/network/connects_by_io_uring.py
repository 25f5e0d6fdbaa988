"""Opens a socket by io_uring, whose operations no filter sees."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
ring = libc.syscall(425, 8, ctypes.create_string_buffer(120))
if ring >= 0:
    print("BREACH: a ring")
