"""How much a worker and its judge may use, as far as the kernel counts it.

The rest is watched: by the judge (`session/watch.py`), and for a worker with processes by its keeper.
"""

from __future__ import annotations

import os

from learn_torch.worker.confinement import usage

OPEN_FILES = 256


def limit(*, cpu_seconds: int, memory: int) -> None:
    """Limit this process and its descendants for good. Does nothing where there are no such limits (Windows).

    Args:
        cpu_seconds: processor time.
        memory: bytes of address space, and of writable private memory, above what is there now; 0 for no limit.
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
        if hasattr(resource, name):  # Linux alone
            _set(getattr(resource, name), value)
    _limit_memory(memory)


def limit_judge(*, cpu_seconds: int, memory: int) -> None:
    """Limit a judge for good, as `limit` does a worker, and leave it the rest.

    Args:
        cpu_seconds: processor time.
        memory: bytes of writable private memory above what is there now. Address space is not limited: the judge may
            load a library only when an answer needs it, and torch takes gigabytes of that.
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
        # Without this one, unmapping a library of hundreds of megabytes would make room for as much of one's own.
        _set(resource.RLIMIT_DATA, data + memory)


def _set(which: int, value: int) -> None:
    import resource

    _soft, hard = resource.getrlimit(which)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def _in_use() -> tuple[int, int]:
    """Bytes of address space, and of private writable memory with the stack."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        pages = statm.read().split()
    page = os.sysconf("SC_PAGE_SIZE")
    return int(pages[0]) * page, int(pages[5]) * page
