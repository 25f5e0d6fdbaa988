"""What the judge watches while it waits for a worker: memory, threads and disk, where the kernel has no limit for them.

Looking costs a fraction of a millisecond and happens at most every twentieth of a second, so what a worker can take
before it is noticed is what it can take in that time.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

MIB = 2**20
DISK = 512 * MIB
"""Bytes in the scratch folder, and in files without a name that are still open."""
WRITTEN = 2048 * MIB
"""Bytes written to disk in all, whatever became of them."""
FILES = 10_000
"""Files and folders in the scratch folder."""
THREADS = 256
_EVERY = 0.05


class Overuse(Exception):
    """A worker took more than it may have: `what` is `memory`, `threads`, `disk` or `files`.

    Or it has `ended`, but for threads that go on without the one that answers.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Watch:
    """Watches one worker. Where there is no /proc, only its scratch folder.

    Args:
        pid: the worker's number.
        scratch: the folder that it may write.
        memory: bytes above what it has now; 0 for no limit.
    """

    def __init__(self, pid: int, scratch: str, memory: int) -> None:
        self._process = Path(f"/proc/{pid}")
        self._scratch = scratch
        self._memory = self._resident() + memory if memory else 0
        self._written = self._bytes_written() + WRITTEN
        self._next = time.monotonic() + _EVERY

    def look(self) -> None:
        """Look, if it is time to. Raises Overuse."""
        if time.monotonic() < self._next:
            return
        status = self._status()
        if status and "RssAnon" not in status:  # its main thread is over, and with it the count of its memory
            raise Overuse("ended")
        if self._memory and _memory_of(status) > self._memory:
            raise Overuse("memory")
        if status.get("Threads", 0) > THREADS:
            raise Overuse("threads")
        if self._bytes_written() > self._written:
            raise Overuse("disk")
        used = self._nameless()
        for number, size in enumerate(_entries(self._scratch), 1):
            used += size
            if number > FILES:
                raise Overuse("files")
        if used > DISK:
            raise Overuse("disk")
        self._next = time.monotonic() + _EVERY

    def _resident(self) -> int:
        return _memory_of(self._status())

    def _status(self) -> dict[str, int]:
        try:
            lines = (self._process / "status").read_text("utf-8", "replace").splitlines()
        except OSError:
            return {}
        fields = (line.split(":", 1) for line in lines if ":" in line)
        return {
            name: int(rest.split()[0]) for name, rest in fields if rest.split() and rest.split()[0].isdigit()
        }

    def _bytes_written(self) -> int:
        with contextlib.suppress(OSError):
            for line in (self._process / "io").read_text("ascii").splitlines():
                if line.startswith("write_bytes:"):
                    return int(line.split()[1])
        return 0

    def _nameless(self) -> int:
        """Bytes of open files that have been deleted."""
        total = 0
        with contextlib.suppress(OSError), os.scandir(self._process / "fd") as descriptors:
            for descriptor in descriptors:
                with contextlib.suppress(OSError):
                    found = descriptor.stat()
                    if found.st_nlink == 0:
                        total += found.st_blocks * 512
        return total


def _memory_of(status: dict[str, int]) -> int:
    return (status.get("RssAnon", 0) + status.get("RssShmem", 0)) * 1024


def _entries(folder: str) -> Iterator[int]:
    """The bytes on disk of everything in a folder and beneath it; links are not followed, folders not opened by path.

    A folder that cannot be opened is passed over, and so is what lies deeper than descriptors reach.
    """
    flags = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
    by_descriptor = os.scandir in os.supports_fd and os.open in os.supports_dir_fd
    waiting: list[int | str] = []
    try:
        waiting.append(os.open(folder, flags) if by_descriptor else folder)
        while waiting:
            place = waiting.pop()
            try:
                with os.scandir(place) as entries:
                    for entry in entries:
                        yield _blocks(entry)
                        if len(waiting) < 200 and entry.is_dir(follow_symlinks=False):
                            with contextlib.suppress(OSError):
                                waiting.append(
                                    os.open(entry.name, flags, dir_fd=place)
                                    if isinstance(place, int)
                                    else entry.path
                                )
            finally:
                if isinstance(place, int):
                    os.close(place)
    except OSError:
        return
    finally:
        for left in waiting:
            if isinstance(left, int):
                os.close(left)


def _blocks(entry: os.DirEntry[str]) -> int:
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return 0
    return getattr(found, "st_blocks", found.st_size // 512) * 512
