"""The keeper of a worker that may start processes: it counts them, watches their usage, and kills them all at the end.

The keeper is the worker's parent. seccomp asks it about every fork in the tree, so it can limit the number of
processes, for root, too. An orphan becomes the keeper's child, so no process can escape. When the listener is closed,
all further forks are refused, so the tree can be killed completely. The keeper needs no privilege, no namespace and no
cgroup.
"""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import select
import signal
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

from learn_torch.worker.confinement import kernel, policy, privileges, seccomp, usage

ALIVE = 32
"""Processes at a time."""
BORN = 1024
"""Processes in total."""
THREADS = 512
"""Threads of all processes together."""
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_CONTINUE = 1
_TICK = 0.05


class _End(BaseException):
    """The keeper must exit."""


def split(memory: int, cpu_seconds: int, scratch: str) -> socket.socket:
    """Fork. The parent becomes the keeper and never returns; the child gets a socket to it and goes on.

    Args:
        memory: bytes that the whole tree may use above what this process has now.
        cpu_seconds: CPU time for the whole tree.
        scratch: the folder that the tree may write.
    """
    privileges.adopt_orphans()
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        privileges.die_with_parent()
        ours.close()
        return theirs
    code = 1
    try:
        theirs.close()
        _Keeper(pid, ours, memory, cpu_seconds, scratch).keep()
        code = 0
    finally:
        os._exit(code)


def be_counted(line: socket.socket) -> None:
    """In the worker: make every later fork ask the keeper. Raises OSError."""
    program = seccomp.assemble(policy.births(), otherwise=seccomp.ALLOW)
    listener = seccomp.install(program, listen=True)
    socket.send_fds(line, [b"listener"], [listener])
    os.close(listener)
    line.close()


class _Keeper:
    def __init__(self, worker: int, line: socket.socket, memory: int, cpu_seconds: int, scratch: str) -> None:
        self._worker = worker
        self._memory, self._cpu_seconds, self._scratch = memory, cpu_seconds, scratch
        self._scratch_in_memory = usage.is_in_memory(scratch)
        self._time = usage.ProcessorTime()
        self._born = 1
        self._turn = 0
        self._at_first = _resident(worker)
        self._written_at_first = usage.bytes_written(worker)
        self._line = line
        self._listener = -1

    def keep(self) -> None:
        def end(_signal: int, _frame: object) -> None:
            raise _End

        privileges.close_all_but(self._line.fileno())
        try:
            signal.signal(signal.SIGTERM, end)
            privileges.die_with_parent(signal.SIGTERM)
            worker = os.pidfd_open(self._worker)
            _data, descriptors, _flags, _address = socket.recv_fds(self._line, 64, 1)
            self._line.close()
            if descriptors:
                self._listener = descriptors[0]
            self._watch(worker)
        except _End:
            pass
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            if self._listener >= 0:
                os.close(self._listener)  # further forks are refused
            end_children(set())

    def _watch(self, worker: int) -> None:
        poller = select.poll()
        poller.register(worker, select.POLLIN)
        if self._listener >= 0:
            poller.register(self._listener, select.POLLIN)
        looked = 0.0
        while True:
            for descriptor, _event in poller.poll(_TICK * 1000):
                if descriptor == worker:
                    return
                self._answer()
            if time.monotonic() - looked > _TICK:
                looked = time.monotonic()
                _bury()
                if what := self._overuse():
                    os.write(2, f"the processes together used more {what} than allowed\n".encode())
                    return

    def _answer(self) -> None:
        import fcntl

        try:
            asked = fcntl.ioctl(self._listener, _RECEIVE, bytes(80))
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.EINTR):  # the process that asked has been killed
                return
            raise
        (number,) = struct.unpack_from("=Q", asked)
        allowed = self._born < BORN and len(descendants(os.getpid())) < ALIVE
        self._born += allowed
        answer = (number, 0, 0, _CONTINUE) if allowed else (number, 0, -errno.EAGAIN, 0)
        with contextlib.suppress(OSError):
            fcntl.ioctl(self._listener, _SEND, struct.pack("=QqiI", *answer))

    def _overuse(self) -> str:
        tree = descendants(os.getpid())
        self._turn += 1
        try:
            files = usage.bytes_in(self._scratch) + usage.nameless(tree)
            if self._turn % usage.LOOKS_FOR_MAPPED == 0:
                files += usage.mapped(tree, [self._scratch])
        except usage.Overuse as error:
            return error.what
        if files > usage.DISK:
            return "disk"
        if sum(map(usage.bytes_written, tree | {os.getpid()})) > self._written_at_first + usage.WRITTEN:
            return "disk"
        # Files in memory count as memory, whether they are mapped or not.
        in_memory = _shared_memory(self._worker) + (files if self._scratch_in_memory else 0)
        # This sum counts memory shared by forks more than once. The exact measure takes milliseconds per process.
        if sum(max(_resident(pid) - self._at_first, 0) for pid in tree) + in_memory > self._memory:
            return "memory"
        if len(tree) > 1 and self._turn % 10 == 0:
            exactly = sum(map(usage.share_of_memory, tree)) + in_memory
            if exactly > self._at_first + self._memory:
                return "memory"
        if sum(len(usage.threads_of(pid)) for pid in tree) > THREADS:
            return "threads"
        return "time" if self._time.seconds(tree | {os.getpid()}) > self._cpu_seconds else ""


def _resident(pid: int) -> int:
    return usage.memory_in(usage.status_of(pid))


def _shared_memory(worker: int) -> int:
    """Bytes in the tree's private /dev/shm that the worker has not mapped."""
    try:
        its, ours = os.stat(f"/proc/{worker}/root/dev/shm"), os.stat("/dev/shm")
        if its.st_dev == ours.st_dev:  # the tree has no private /dev/shm
            return 0
        found = os.statvfs(f"/proc/{worker}/root/dev/shm")
    except OSError:
        return 0
    used = (found.f_blocks - found.f_bfree) * found.f_frsize
    return max(used - usage.status_of(worker).get("RssShmem", 0) * 1024, 0)


def _bury() -> None:
    """Wait for orphans that have exited, so that they do not count as alive."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def end_children(but: set[int]) -> None:
    """Kill every child of this process, and all descendants as they become its children (Linux).

    Args:
        but: children that are not killed.
    """
    while kernel.LINUX:
        doomed = children(os.getpid()) - but
        if not doomed:
            return
        for pid in doomed:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        for pid in doomed:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def children(pid: int) -> set[int]:
    """The process ids of a process's children, whichever thread started them."""
    # Not `Path.glob`, which raises if the process exits in the meantime.
    lists = [Path(path) for path in glob.glob(f"/proc/{pid}/task/*/children")]
    if not lists:  # the process has exited, or the kernel was built without these lists
        return {child for child, parent in _parents() if parent == pid}
    found: set[int] = set()
    for path in lists:
        with contextlib.suppress(OSError):
            found.update(map(int, path.read_text("ascii").split()))
    return found


def _parents() -> Iterator[tuple[int, int]]:
    for path in map(Path, glob.glob("/proc/[0-9]*/stat")):
        with contextlib.suppress(OSError):
            yield int(path.parent.name), int(path.read_text("utf-8", "replace").rpartition(")")[2].split()[1])


def descendants(pid: int) -> set[int]:
    """The process ids of all descendants of a process."""
    found: set[int] = set()
    new = children(pid)
    while new:
        found |= new
        new = {grandchild for child in new for grandchild in children(child)} - found
    return found
