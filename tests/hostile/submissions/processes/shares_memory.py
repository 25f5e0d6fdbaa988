"""Leaves something in System V memory, semaphores and queues, POSIX queues, /dev/shm and the kernel's keyrings."""

import contextlib
import ctypes
from multiprocessing import shared_memory

libc = ctypes.CDLL(None, use_errno=True)
ATTEMPTS = {
    "shmget": lambda: libc.shmget(0x1EA2, 4096, 0o1666),
    "semget": lambda: libc.semget(0x1EA2, 1, 0o1666),
    "msgget": lambda: libc.msgget(0x1EA2, 0o1666),
    "mq_open": lambda: libc.syscall(240, b"left", 0o102, 0o666, None),
    "add_key": lambda: libc.syscall(248, b"user", b"left", b"x", 1, -4),
    "request_key": lambda: libc.syscall(249, b"user", b"left", None, -4),
    "keyctl": lambda: libc.syscall(250, 0, -3, 1),
    "memfd": lambda: libc.syscall(319, b"x", 0),
    "memfd_secret": lambda: libc.syscall(447, 0),
    "shm_open": lambda: libc.shm_open(b"/left_behind", 0o102, 0o666),
    "sem_open": lambda: -1 if libc.sem_open(b"/left_behind", 0o100, 0o666, 1) in (0, None) else 1,
}
for name, attempt in ATTEMPTS.items():
    with contextlib.suppress(AttributeError):
        if attempt() >= 0:
            print("BREACH:", name)
with contextlib.suppress(OSError):
    shared_memory.SharedMemory("left_behind", create=True, size=4096)
    print("BREACH: shared memory")
