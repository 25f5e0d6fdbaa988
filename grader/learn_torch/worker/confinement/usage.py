"""Measures what processes use, from /proc and their folder: memory, threads, CPU time, disk.

The processes run during the measurement, so a file may disappear between two steps. A folder that exists but cannot be
read counts as overuse, because it could hide anything.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

MIB = 2**20
DISK = 512 * MIB
"""Bytes in the scratch folder, and in open files without a name."""
WRITTEN = 2048 * MIB
"""Bytes written to disk in total, including deleted files."""
FILE_SIZE = 256 * MIB
"""Bytes of one file."""
LOOKS_FOR_MAPPED = 10
"""Mapped files are counted only at every tenth look, because that takes longer."""
FILES = 10_000
"""Files and folders in the scratch folder."""
DEEPEST = 100
"""Nesting of folders."""
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Overuse(Exception):
    """A limit was exceeded: `what` is `memory`, `threads`, `disk`, `files` or `time`.

    Or `what` is `ended`: the main thread has exited, but other threads go on.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


# --- processes -------------------------------------------------------------------------------------------------------


def status_of(pid: int) -> dict[str, int]:
    """The numbers in a process's status; empty if the process has exited or there is no /proc."""
    try:
        lines = Path(f"/proc/{pid}/status").read_bytes().split(b"\n")
    except OSError:
        return {}
    # Without the first line: a process chooses its name itself. Bytes, because `str.isdigit` accepts more than 0 to 9.
    fields = (line.split(b":", 1) for line in lines[1:] if b":" in line)
    return {
        name.decode("ascii", "replace"): int(rest.split()[0])
        for name, rest in fields
        if rest.split() and rest.split()[0].isdigit()
    }


def memory_in(status: dict[str, int]) -> int:
    """Bytes of anonymous memory (private, or shared with the parent) and of shared memory."""
    return (status.get("RssAnon", 0) + status.get("RssShmem", 0)) * 1024


def share_of_memory(pid: int) -> int:
    """The same, but shared memory is divided among its processes; takes milliseconds."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:"))) * 1024


def processor_seconds(pid: int) -> float:
    """CPU time of a process and of the children that it has waited for; to a hundredth of a second."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS


def exact_processor_seconds(pid: int) -> float:
    """CPU time of all threads of a process, without its children, to a microsecond (Linux).

    The clock's id is computed from the process id: `man 3 clock_getcpuclockid`.
    """
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def waits_for_a_processor(pid: int) -> dict[str, float]:
    """For each thread, the seconds that it was ready to run but had no processor.

    Source: https://docs.kernel.org/scheduler/sched-stats.html, /proc/PID/schedstat.
    """
    found = {}
    for thread in threads_of(pid):
        with contextlib.suppress(OSError, IndexError, ValueError):
            text = Path(f"/proc/{pid}/task/{thread}/schedstat").read_text("ascii")
            found[f"{pid}/{thread}"] = int(text.split()[1]) / 1e9
    return found


class ProcessorTime:
    """The CPU time of several processes together. The time of processes that have exited stays counted."""

    def __init__(self) -> None:
        self._living: dict[int, float] = {}
        self._of_the_dead = 0.0

    def seconds(self, pids: Iterable[int]) -> float:
        """The CPU time of these processes, and of all processes of earlier calls."""
        now = {pid: processor_seconds(pid) for pid in pids}
        self._of_the_dead += sum(seconds for pid, seconds in self._living.items() if pid not in now)
        self._living = now
        return self._of_the_dead + sum(now.values())


def threads_of(pid: int) -> list[str]:
    """The ids of a process's threads."""
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def bytes_written(pid: int) -> int:
    """Bytes that a process and the children that it has waited for have written to disk."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/io").read_text("ascii").splitlines():
            if line.startswith("write_bytes:"):
                return int(line.split()[1])
    return 0


def nameless(pids: Iterable[int]) -> int:
    """Bytes of open files without a name: deleted files, and files that never had a name."""
    found: dict[tuple[int, int], int] = {}
    for pid in pids:
        with contextlib.suppress(OSError), os.scandir(f"/proc/{pid}/fd") as descriptors:
            for descriptor in descriptors:
                with contextlib.suppress(OSError):
                    one = descriptor.stat()
                    if one.st_nlink == 0:
                        found[one.st_dev, one.st_ino] = one.st_blocks * 512
    return sum(found.values())


def mapped(pids: Iterable[int], folders: Sequence[str]) -> int:
    """An upper bound on the bytes of deleted files of these folders that are still mapped.

    The size of such a file is unknown, so each counts with the largest size that a file may have. Takes milliseconds.
    """
    found: set[tuple[bytes, bytes]] = set()
    beginnings = tuple(os.fsencode(folder) + b"/" for folder in folders)
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/maps").read_bytes()
        except OSError:
            continue
        if b" (deleted)\n" not in text:
            continue
        for line in text.split(b"\n"):
            fields = line.split(None, 5)
            if line.endswith(b" (deleted)") and len(fields) == 6 and fields[5].startswith(beginnings):
                found.add((fields[3], fields[4]))
    return len(found) * FILE_SIZE


# --- folders ---------------------------------------------------------------------------------------------------------


def is_in_memory(folder: str) -> bool:
    """Whether a folder is on a tmpfs, where files take memory, not disk."""
    try:
        device = os.stat(folder).st_dev
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    number = f"{os.major(device)}:{os.minor(device)}"
    kinds = (
        line.partition(" - ")[2].split() for line in lines if line.split()[2:3] == [number]
    )  # man 5 proc_pid_mountinfo
    return any(kind[:1] in (["tmpfs"], ["ramfs"]) for kind in kinds)


def bytes_in(folder: str) -> int:
    """Bytes on disk of all files in a folder and its subfolders.

    Links are not followed. Each folder is opened relative to its parent's descriptor, so that it cannot be replaced in
    the meantime.

    Raises:
        Overuse: there are too many files, folders are nested too deep, or a folder cannot be read.
    """
    total = 0
    for number, size in enumerate(_entries(folder), 1):
        total += size
        if number > FILES:
            raise Overuse("files")
    return total


def _entries(folder: str) -> Iterator[int]:
    if os.scandir not in os.supports_fd or os.open not in os.supports_dir_fd:
        yield from _entries_by_path(folder)
        return
    opened = _open(folder)
    levels: list[tuple[int, Any]] = []  # the open folders from the top down, and the iterator of each
    if opened is not None:
        levels.append((opened, os.scandir(opened)))
    try:
        while levels:
            place, entries = levels[-1]
            try:
                entry = next(entries, None)
            except FileNotFoundError:  # removed in the meantime
                entry = None
            if entry is None:
                levels.pop()
                entries.close()
                os.close(place)
                continue
            yield _blocks(entry)
            if _is_folder(entry) and (below := _open(entry.name, place)) is not None:
                if len(levels) >= DEEPEST:
                    os.close(below)
                    raise Overuse("files")
                levels.append((below, os.scandir(below)))
    finally:
        for place, entries in levels:
            entries.close()
            os.close(place)


def _open(name: str, above: int | None = None) -> int | None:
    """The descriptor of a folder; None if it is gone. Raises Overuse if it exists but cannot be opened."""
    try:
        return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        raise Overuse("files") from error
    except OSError as error:
        try:
            kind = os.stat(name, dir_fd=above, follow_symlinks=False).st_mode
        except OSError:
            return None
        if stat.S_ISDIR(kind):
            raise Overuse("files") from error
        return None


def _entries_by_path(folder: str) -> Iterator[int]:
    """For systems where a folder has no descriptor (Windows)."""
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    yield _blocks(entry)
                    if _is_folder(entry):
                        waiting.append(entry.path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise Overuse("files") from error


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _blocks(entry: os.DirEntry[str]) -> int:
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError:
        return 0
    return getattr(found, "st_blocks", found.st_size // 512) * 512
