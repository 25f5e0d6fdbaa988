"""Where workers come from: forked from the warm engine, or started as processes of their own."""

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
    """A worker that runs, and the judge's channel to it."""

    channel: Channel
    pid: int

    @abstractmethod
    def end(self, *, tree: bool) -> None:
        """Kill it and everything that it started, and close the channel. May be called only once.

        Args:
            tree: it may have started something; then all of it is gone on return.
        """


class Workers(ABC):
    """A source of workers."""

    @abstractmethod
    def take(self) -> RunningWorker:
        """A fresh worker."""

    def prepare(self) -> None:  # noqa: B027
        """Begin to make the next worker, where that can go on beside other work."""


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
                os.killpg(self.process.pid, 9)  # it leads a session of its own
        with contextlib.suppress(OSError):
            self.process.kill()
        self.process.wait()
        # What it had started has become ours, however it hid. We have one worker at a time.
        confinement.end_children(set())
        self.channel.close()


class SubprocessWorkers(Workers):
    """Workers as processes of their own: for systems without fork."""

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
