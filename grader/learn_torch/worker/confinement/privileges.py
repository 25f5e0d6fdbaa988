"""Privileges of a process: no capabilities, memory that others cannot read, killed when its parent exits."""

from __future__ import annotations

import contextlib
import os
import signal
import struct
from ctypes import create_string_buffer
from itertools import pairwise

from learn_torch.worker.confinement import kernel
from learn_torch.worker.confinement.seccomp import number_of

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_CAP_AMBIENT = 1, 4, 24, 47
_PR_SET_CHILD_SUBREAPER = 36
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION = 0x20080522


def die_with_parent(how: int | None = None) -> None:
    """Ask the kernel to signal this process when its parent exits (Linux; elsewhere it ends by the closed channel).

    Args:
        how: the signal; by default SIGKILL.
    """
    if kernel.LINUX:
        parent = os.getppid()
        kernel.prctl(_PR_SET_PDEATHSIG, how or signal.SIGKILL)
        if os.getppid() != parent:  # the parent exited before the prctl
            os._exit(1)


def keep_memory_private() -> None:
    """Make this process non-dumpable: other processes of the same user cannot trace it or read its memory (Linux)."""
    if kernel.LINUX:
        kernel.prctl(_PR_SET_DUMPABLE, 0)


def let_be_watched() -> None:
    """Undo `keep_memory_private` in a forked worker, which has no secrets, so that the judge can count its files."""
    kernel.prctl(_PR_SET_DUMPABLE, 1)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent exits (Linux)."""
    if kernel.LINUX:
        kernel.prctl(_PR_SET_CHILD_SUBREAPER, 1)


def close_all_but(*kept: int) -> None:
    """Close every descriptor except these and the three standard ones."""
    ends = (2, *sorted(kept), max(os.sysconf("SC_OPEN_MAX"), max(kept) + 1))
    for before, after in pairwise(ends):
        os.closerange(before + 1, after)


def be_killed_first() -> None:
    """Ask the kernel to kill this process first when memory runs out."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")


def drop_capabilities() -> None:
    """Drop every capability, and every way to get one back. Raises OSError."""
    with contextlib.suppress(OSError):  # not permitted: then there are no capabilities
        for capability in range(64):
            kernel.prctl(_PR_CAPBSET_DROP, capability)
    with contextlib.suppress(OSError):
        kernel.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    header = create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION, 0))
    kernel.syscall(number_of("capset"), header, create_string_buffer(24))


def capabilities() -> bool:
    """Whether this process has any capability left."""
    header = create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION, 0))
    held = create_string_buffer(24)
    kernel.syscall(number_of("capget"), header, held)
    return any(held.raw)
