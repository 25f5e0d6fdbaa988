"""Ends its main thread, so that its number counts no memory, and takes shared memory in another."""
import ctypes
import threading

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
SIZE = 64 * 2**20


def take():
    while True:
        place = libc.mmap(None, SIZE, 3, 0x21, -1, 0)
        if place not in (None, ctypes.c_void_p(-1).value):
            libc.memset(place, 1, SIZE)


threading.Thread(target=take).start()
libc.syscall(60, 0)
