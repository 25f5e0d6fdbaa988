"""The one place where a worker gives up what it does not need.

Today: a process group of its own, a scrubbed environment, a scratch folder, limits on time, memory and core dumps, and
death with its parent. What isolation that makes is said by `isolation`, in every report and in `learn doctor`.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from learn_torch.sandbox import messages

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4


def isolation() -> str:
    """How well a worker is confined here: `full`, `partial: what is missing`, or `none`."""
    return "partial: files, network and system calls are not confined yet"


def confine(setup: messages.Setup) -> None:
    """Confine this process, a worker that has not seen the submission yet, as `setup` says."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "WINDIR") if name in os.environ}
    cards = os.environ.get("CUDA_VISIBLE_DEVICES") if setup.device.startswith("cuda") else ""
    if cards is not None:  # on the CPU and under simulation a real card stays out of sight
        kept["CUDA_VISIBLE_DEVICES"] = cards
    os.environ.clear()
    os.environ.update(
        kept, HOME=setup.scratch, TMPDIR=setup.scratch, TEMP=setup.scratch, TMP=setup.scratch, LANG="C.UTF-8"
    )
    os.chdir(setup.scratch)
    try:
        import resource
    except ImportError:  # Windows
        return
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, setup.cpu_seconds)
    if sys.platform == "linux" and setup.memory:
        _limit(resource.RLIMIT_AS, _address_space() + setup.memory)


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent ends (Linux; elsewhere the closed channel does)."""
    if sys.platform == "linux":
        parent = os.getppid()
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the kernel had been asked
            os._exit(1)


def keep_memory_private() -> None:
    """Make this process non-dumpable: another process of the same user can neither trace nor read it (Linux)."""
    if sys.platform == "linux":
        _prctl(_PR_SET_DUMPABLE, 0)


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _limit(which: int, value: int) -> None:
    import resource

    _soft, hard = resource.getrlimit(which)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def _address_space() -> int:
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
