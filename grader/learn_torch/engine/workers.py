"""Sources of workers: forked from the warm engine, or started as new interpreters."""

from __future__ import annotations

import contextlib
import os
import subprocess
from abc import ABC, abstractmethod
from dataclasses import dataclass

from learn_torch.engine import spawning, zygote
from learn_torch.errors import EngineError
from learn_torch.wire.channel import Channel
from learn_torch.worker import confinement

WORKER = "learn_torch.worker.worker:forked"


class RunningWorker(ABC):
    """A running worker and the judge's channel to it."""

    channel: Channel
    pid: int

    @abstractmethod
    def end(self, *, tree: bool) -> None:
        """Kill the worker and its descendants, and close the channel. Call it only once.

        Args:
            tree: the worker may have descendants; all of them have exited on return.
        """


class Workers(ABC):
    """A source of workers."""

    @abstractmethod
    def take(self) -> RunningWorker:
        """A fresh worker."""

    def prepare(self) -> None:  # noqa: B027
        """Start to make the next worker in the background, where that is possible."""


@dataclass
class _ForkedWorker(RunningWorker):
    channel: Channel
    engine: zygote.Client
    pid: int

    def end(self, *, tree: bool) -> None:
        self.channel.close()
        self.engine.kill(self.pid, wait=tree)


class ForkedWorkers(Workers):
    """Workers forked from the engine."""

    def __init__(self, engine: zygote.Client) -> None:
        self._engine = engine
        self._coming: Channel | None = None

    def prepare(self) -> None:
        if self._coming is None:
            self._coming = spawning.ask_to_fork(self._engine, WORKER)

    def take(self) -> RunningWorker:
        self.prepare()
        assert self._coming is not None
        coming, self._coming = self._coming, None
        try:
            return _ForkedWorker(coming, self._engine, self._engine.forked_pid())
        except EngineError:
            coming.close()
            raise


@dataclass
class _SubprocessWorker(RunningWorker):
    channel: Channel
    process: subprocess.Popen[bytes]
    pid: int

    def end(self, *, tree: bool) -> None:
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, 9)  # it leads its own session
        with contextlib.suppress(OSError):
            self.process.kill()
        self.process.wait()
        # Its descendants have become our children, even daemons. We have no other worker at this time.
        confinement.end_children(set())
        self.channel.close()


class SubprocessWorkers(Workers):
    """Workers as new interpreters, for systems without fork."""

    def __init__(self) -> None:
        self._coming: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        if self._coming is None:
            self._coming = spawning.start_python("learn_torch.worker.worker", stderr=subprocess.PIPE)

    def take(self) -> RunningWorker:
        self.prepare()
        assert self._coming is not None
        process, self._coming = self._coming, None
        return _SubprocessWorker(spawning.channel_to(process), process, process.pid)
