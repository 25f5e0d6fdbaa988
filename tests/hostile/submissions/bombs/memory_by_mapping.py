"""Maps memory, private and shared, after it has unmapped the libraries that its limit counts."""

import contextlib
import ctypes
import mmap

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_long,
]
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
SIZE = 64 * 2**20
taken = 0
for flags in (0x22, 0x21):
    for _ in range(400):
        place = libc.mmap(None, SIZE, 3, flags, -1, 0)
        if place in (None, ctypes.c_void_p(-1).value):
            break
        libc.memset(place, 1, SIZE)
        taken += SIZE
with contextlib.suppress(Exception):
    held = [mmap.mmap(-1, SIZE) for _ in range(100)]
    for one in held:
        one.write(b"x" * SIZE)
        taken += SIZE
if taken > 3 * 2**30:
    print("BREACH: took", taken)
