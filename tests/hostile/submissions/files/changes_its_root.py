"""Changes its root, mounts, enters other namespaces, and opens files by handle."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
ATTEMPTS = {
    "chroot": lambda: libc.chroot(b"/"),
    "pivot_root": lambda: libc.syscall(155, b".", b"."),
    "mount": lambda: libc.mount(b"none", b".", b"tmpfs", 0, None),
    "bind": lambda: libc.mount(b"/", b".", None, 4096, None),
    "umount": lambda: libc.umount2(b"/dev/shm", 0),
    "unshare user": lambda: libc.unshare(0x10000000),
    "unshare files": lambda: libc.unshare(0x00020000),
    "open_tree": lambda: libc.syscall(428, -100, b"/", 1),
    "fsopen": lambda: libc.syscall(430, b"tmpfs", 0),
    "open_by_handle_at": lambda: libc.syscall(304, -100, ctypes.create_string_buffer(128), 0),
    "name_to_handle_at": lambda: libc.syscall(
        303, -100, b"/etc", ctypes.create_string_buffer(b"\x80\0\0\0", 200), ctypes.create_string_buffer(8), 0
    ),
    "openat2": lambda: libc.syscall(437, -100, b"@OUTSIDE@/secret.txt", ctypes.create_string_buffer(24), 24),
    "inotify": lambda: libc.inotify_init(),
    "fanotify": lambda: libc.syscall(300, 0, 0),
    "quotactl": lambda: libc.syscall(179, 0, b"/", 0, None),
    "swapon": lambda: libc.syscall(167, b"x", 0),
    "sync": lambda: 0 if libc.syscall(306, 1) == 0 else -1,
}
for name, attempt in ATTEMPTS.items():
    if attempt() >= 0:
        print("BREACH:", name)
try:
    os.setns(1, 0)
    print("BREACH: setns")
except (OSError, AttributeError):
    pass
