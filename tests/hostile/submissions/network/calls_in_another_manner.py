"""Calls the kernel in the manner of 32-bit programs and of x32, whose calls have other numbers."""

import ctypes
import mmap
import platform

libc = ctypes.CDLL(None, use_errno=True)
if platform.machine() == "x86_64":
    X32 = 0x40000000
    for number in (41, 57, 59, 2):
        if libc.syscall(X32 + number, 2, 1, 0) >= 0:
            print("BREACH: x32", number)
    # mov eax, 2 (fork, which is open for others); int 0x80; ret
    code = b"\xb8\x02\x00\x00\x00\xcd\x80\xc3"
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))
    print("calling", flush=True)
    print("BREACH: int 0x80 gave", function(), flush=True)
