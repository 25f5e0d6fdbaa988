"""What the judge watches of a worker: memory, threads and disk, where the kernel has no limit for them.

A worker runs only while it is asked something, and is watched while it is. Looking costs a fraction of a millisecond
and happens at most every twentieth of a second, so what a worker can take before it is noticed is what it can take in
that time.
"""

from __future__ import annotations

import time

from learn_torch.worker.confinement import usage
from learn_torch.worker.confinement.usage import Overuse as Overuse

THREADS = 256
_EVERY = 0.05


class Watch:
    """Watches one worker. Where there is no /proc, only its scratch folder.

    Args:
        pid: the worker's number.
        scratch: the folder that it may write.
        memory: bytes above what it has now; 0 for no limit.
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
        """Look, if it is time to. Raises Overuse."""
        if time.monotonic() < self._next:
            return
        status = usage.status_of(self._pid)
        if status and "RssAnon" not in status:  # its main thread is over, and with it the count of its memory
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
