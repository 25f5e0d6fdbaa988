"""Landlock: the kernel restricts, permanently, what a process may do with files.

Source: https://docs.kernel.org/userspace-api/landlock.html. The rights that a ruleset handles are denied unless a rule
allows them, for a file or for a folder with its contents. Rulesets stack: one cannot allow what another denies.
"""

from __future__ import annotations

import ctypes
import functools
import os
import stat
import struct
from enum import IntFlag

from learn_torch.worker.confinement import kernel

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_ASK_VERSION = 1
_PATH_BENEATH = 1


class Access(IntFlag):
    """Rights on files and folders, by their bits in the kernel's interface."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    MAKE_SOCK = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_SYM = 1 << 12
    REFER = 1 << 13
    TRUNCATE = 1 << 14
    IOCTL_DEV = 1 << 15


READ = Access.READ_FILE | Access.READ_DIR
WRITE = (
    READ | Access.WRITE_FILE | Access.TRUNCATE | Access.MAKE_REG | Access.MAKE_DIR | Access.MAKE_SYM
    | Access.REMOVE_FILE | Access.REMOVE_DIR | Access.REFER
)  # fmt: skip
"""The rights that ordinary work in a folder needs; no devices, no FIFOs, no sockets."""
_OF_FILES = Access.EXECUTE | Access.WRITE_FILE | Access.READ_FILE | Access.TRUNCATE | Access.IOCTL_DEV
TRUNCATE_SINCE = 3
_SINCE = {Access.REFER: 2, Access.TRUNCATE: TRUNCATE_SINCE, Access.IOCTL_DEV: 5}
NETWORK_SINCE = 4
SCOPES_SINCE = 6
"""The first version that can restrict signals and abstract sockets to the confined processes."""
ALL_THREADS_SINCE = 8
"""The first version that can restrict threads that run already."""
_ALL_THREADS = 1 << 3


@functools.cache
def version() -> int:
    """The version of the kernel's interface; 0 if it is missing or switched off."""
    if not kernel.LINUX:
        return 0
    try:
        return kernel.syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)
    except OSError:
        return 0


class Ruleset:
    """A ruleset. It handles all rights on files and TCP that the kernel supports.

    Args:
        tcp: do not restrict TCP.

    Raises:
        OSError: Landlock is not available.
    """

    def __init__(self, *, tcp: bool = False) -> None:
        here = version()
        late = [right for right, since in _SINCE.items() if since > here]
        self._handled = Access((1 << 16) - 1) & ~functools.reduce(lambda a, b: a | b, late, Access(0))
        fields = [int(self._handled)]
        if here >= NETWORK_SINCE:
            fields.append(0b00 if tcp else 0b11)  # bind and connect
        if here >= SCOPES_SINCE:
            fields.append(0b11)  # abstract sockets and signals
        data = struct.pack(f"={len(fields)}Q", *fields)
        self.descriptor = kernel.syscall(_CREATE_RULESET, data, len(data), 0)

    def allow(self, path: str | os.PathLike[str], access: Access) -> None:
        """Allow these rights on a file, or on a folder with its contents. A path that does not exist is skipped."""
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            return
        try:
            if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
                access &= _OF_FILES
            rule = ctypes.create_string_buffer(struct.pack("=Qi", int(access & self._handled), descriptor))
            kernel.syscall(_ADD_RULE, self.descriptor, _PATH_BENEATH, rule, 0)
        finally:
            os.close(descriptor)

    def enforce(self) -> None:
        """Apply the rules to this thread, and to everything that it starts later. This cannot be undone.

        Newer kernels apply them to the process's other threads, too.
        """
        kernel.forbid_new_privileges()
        flags = _ALL_THREADS if version() >= ALL_THREADS_SINCE else 0
        kernel.syscall(_RESTRICT_SELF, self.descriptor, flags)

    def close(self) -> None:
        """Close the descriptor. The rules stay in force."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
