"""Limits on what a worker and its judge may use, where the kernel has such limits.

The judge watches the rest (`session/watch.py`); for a worker with processes, its keeper does.
"""

from __future__ import annotations

import os

from learn_torch.worker.confinement import usage

OPEN_FILES = 256


def limit(*, cpu_seconds: int, memory: int) -> None:
    """Limit this process and its descendants, permanently. Does nothing on Windows, which has no such limits.

    Args:
        cpu_seconds: CPU time.
        memory: bytes of address space, and of writable private memory, above the present usage; 0 for no limit.
    """
    try:
        import resource
    except ImportError:
        return
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_CPU, cpu_seconds)
    _set(resource.RLIMIT_NOFILE, OPEN_FILES)
    _set(resource.RLIMIT_FSIZE, usage.FILE_SIZE)
    for name, value in (("RLIMIT_MEMLOCK", 64 * 1024), ("RLIMIT_MSGQUEUE", 0), ("RLIMIT_SIGPENDING", 1024),
                        ("RLIMIT_NICE", 0), ("RLIMIT_RTPRIO", 0)):  # fmt: skip
        if hasattr(resource, name):  # only on Linux
            _set(getattr(resource, name), value)
    _limit_memory(memory)


def limit_judge(*, cpu_seconds: int, memory: int) -> None:
    """Limit the CPU time and the memory of a judge, permanently.

    Args:
        cpu_seconds: CPU time.
        memory: bytes of writable private memory above the present usage. Address space is not limited, because the
            judge may load torch when an answer needs it, and torch takes gigabytes of address space.
    """
    try:
        import resource
    except ImportError:
        return
    _set(resource.RLIMIT_CPU, cpu_seconds)
    if os.path.exists("/proc/self/statm"):
        _set(resource.RLIMIT_DATA, _in_use()[1] + memory)


def _limit_memory(memory: int) -> None:
    if memory and os.path.exists("/proc/self/statm"):
        import resource

        space, data = _in_use()
        _set(resource.RLIMIT_AS, space + memory)
        # Without this limit, a submission could unmap a library of hundreds of megabytes and use that space.
        _set(resource.RLIMIT_DATA, data + memory)


def _set(which: int, value: int) -> None:
    import resource

    _soft, hard = resource.getrlimit(which)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def _in_use() -> tuple[int, int]:
    """Bytes of address space, and of private writable memory including the stack."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        pages = statm.read().split()
    page = os.sysconf("SC_PAGE_SIZE")
    return int(pages[0]) * page, int(pages[5]) * page
