"""The judge's watch over a worker: memory, threads and disk, where the kernel has no limit for them.

A worker runs only during a request, and is watched then. A look costs a fraction of a millisecond and happens at most
every 50 ms, so a worker can exceed a limit for that long before it is noticed.
"""

from __future__ import annotations

import time

from learn_torch.worker.confinement import usage
from learn_torch.worker.confinement.usage import Overuse as Overuse

THREADS = 256
_EVERY = 0.05


class Watch:
    """Watches one worker; only its scratch folder where there is no /proc.

    Args:
        pid: the worker's process id.
        scratch: the folder that the worker may write.
        memory: bytes above what the worker has now; 0 for no limit.
    """

    def __init__(self, pid: int, scratch: str, memory: int) -> None:
        self._pid = pid
        self._scratch = scratch
        self._in_memory = usage.is_in_memory(scratch)
        self._memory = usage.memory_in(usage.status_of(pid)) + memory if memory else 0
        self._written = usage.bytes_written(pid) + usage.WRITTEN
        self._turn = 0
        self._next = time.monotonic() + _EVERY

    def look(self) -> None:
        """Check the limits, if the last look was long enough ago. Raises Overuse."""
        if time.monotonic() < self._next:
            return
        status = usage.status_of(self._pid)
        # The main thread has exited, so the worker's memory is no longer counted.
        if status and "RssAnon" not in status:
            raise Overuse("ended")
        memory = usage.memory_in(status)
        if self._memory and memory > self._memory:
            raise Overuse("memory")
        if status.get("Threads", 0) > THREADS:
            raise Overuse("threads")
        if usage.bytes_written(self._pid) > self._written:
            raise Overuse("disk")
        files = usage.nameless([self._pid]) + usage.bytes_in(self._scratch)
        self._turn += 1
        if self._turn % usage.LOOKS_FOR_MAPPED == 0:
            files += usage.mapped([self._pid], [self._scratch])
        if files > usage.DISK:
            raise Overuse("disk")
        if self._memory and self._in_memory and memory + files > self._memory:
            raise Overuse("memory")
        self._next = time.monotonic() + _EVERY
