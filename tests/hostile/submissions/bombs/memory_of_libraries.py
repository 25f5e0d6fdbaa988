"""Turns the pages of its libraries into memory of its own, which the limit of address space does not see."""

import ctypes

import torch

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
path = next(p for p in __import__("glob").glob(torch.__path__[0] + "/lib/libtorch_c*.so"))
size = __import__("os").path.getsize(path)
taken = 0
for _ in range(200):
    descriptor = __import__("os").open(path, 0)
    place = libc.mmap(None, size, 3, 2, descriptor, 0)
    __import__("os").close(descriptor)
    if place in (None, ctypes.c_void_p(-1).value):
        break
    ctypes.memset(place, 1, size)
    taken += size
if taken > 3 * 2**30:
    print("BREACH: took", taken)
