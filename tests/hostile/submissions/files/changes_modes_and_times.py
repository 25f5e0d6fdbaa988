"""Changes modes, owners, times and extended attributes outside, by path, by descriptor and by file handle."""

import contextlib
import ctypes
import os

OUT = "@OUTSIDE@"
LIBRARY = os.__file__
libc = ctypes.CDLL(None, use_errno=True)
before = os.stat(LIBRARY)
for path in (f"{OUT}/target.txt", OUT, f"{OUT}/secret.txt", LIBRARY):
    for attempt in (
        lambda: os.chmod(path, 0o777),
        lambda: os.chown(path, 12345, 12345),
        lambda: os.lchown(path, 12345, 12345),
        lambda: os.utime(path, (1, 1)),
        lambda: os.utime(path, ns=(1, 1), follow_symlinks=False),
        lambda: os.setxattr(path, "user.x", b"1"),
        lambda: os.removexattr(path, "user.kept"),
        lambda: libc.syscall(452, -100, path.encode(), 0o777, 0),
        lambda: libc.syscall(90, path.encode(), 0o777),
        lambda: libc.syscall(132, path.encode(), None),
    ):
        with contextlib.suppress(OSError):
            attempt()
    with contextlib.suppress(OSError):
        print("BREACH: attribute", os.getxattr(path, "user.kept"))
# A file that it may read can be opened, and changed by its descriptor.
descriptor = os.open(LIBRARY, os.O_RDONLY)
for attempt in (
    lambda: os.fchmod(descriptor, 0o777),
    lambda: os.fchown(descriptor, 1, 1),
    lambda: os.utime(descriptor, (1, 1)),
    lambda: os.setxattr(descriptor, "user.x", b"1"),
):
    with contextlib.suppress(OSError):
        attempt()
after = os.stat(LIBRARY)
if (before.st_mode, before.st_uid, before.st_mtime) != (after.st_mode, after.st_uid, after.st_mtime):
    print("BREACH: changed", LIBRARY)
