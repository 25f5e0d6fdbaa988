"""Linux system calls for which Python has no function."""

from __future__ import annotations

import ctypes
import functools
import os
import sys

LINUX = sys.platform == "linux"


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def syscall(number: int, *arguments: int | bytes | ctypes.Array[ctypes.c_char] | None) -> int:
    """Make a system call by its number. Raises OSError."""
    converted = [ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) if isinstance(a, bytes) else a
                 for a in arguments]  # fmt: skip
    result: int = _libc().syscall(ctypes.c_long(number), *converted)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def prctl(option: int, *arguments: int) -> int:
    """prctl(2); missing arguments are 0. Raises OSError."""
    padded = (*arguments, 0, 0, 0, 0)[:4]
    result: int = _libc().prctl(ctypes.c_int(option), *(ctypes.c_ulong(one) for one in padded))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def forbid_new_privileges() -> None:
    """Set no_new_privs, so that no program can give this process privileges. Landlock and seccomp require this."""
    prctl(38, 1)


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """mount(2). Raises OSError."""
    if _libc().mount(
        source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode()
    ):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), target)


def unshare(flags: int) -> None:
    """unshare(2). Raises OSError."""
    if _libc().unshare(ctypes.c_int(flags)):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
