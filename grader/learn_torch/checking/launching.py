"""Start judges: fork them from templates in one warm engine, or start each as a separate process."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path

from learn_torch.course import Exercise
from learn_torch.engine import scratch, spawning, zygote
from learn_torch.engine.engine import Engine
from learn_torch.errors import EngineError
from learn_torch.wire.channel import Channel, ChannelClosed

_JUDGE_MODULES = (
    "numpy.random",  # every judge seeds it, which would import it in each judge
    "learn_torch.worker.worker",
    "learn_torch.judge.entry",
    "learn_torch.testing.fixtures",
)
_SIMULATION_MODULES = ("learn_torch.worker.simulated_cuda", "torch._dynamo")


class Launcher(ABC):
    """Starts judges, for any number of threads."""

    @abstractmethod
    def start(self) -> None:
        """Start the slow parts in the background. Returns at once."""

    @property
    @abstractmethod
    def folder(self) -> Path:
        """The folder that holds the folders of the sessions."""

    @abstractmethod
    def prepare(self, exercise: Exercise, device: str) -> None:
        """Load what an exercise needs: libraries now, its grader in the background.

        Raises:
            EngineError: the engine cannot be started, or cannot import a library.
        """

    @abstractmethod
    def judge(
        self, exercise: Exercise, device: str, could_use: Sequence[str], hidden: Sequence[str]
    ) -> contextlib.AbstractContextManager[Channel]:
        """A judge for this exercise, while the block runs.

        Raises:
            ChannelClosed: the grader ended its template process.
            EngineError: no process can be started.
        """

    @abstractmethod
    def close(self) -> None:
        """End every process."""


class ForkLauncher(Launcher):
    """Forks judges. All threads share one engine, and one template for each grader.

    Args:
        gpu: leave real CUDA devices visible.
        confined: workers will be confined.
        many: many checks will follow: the engine starts a little more slowly, and every fork is much faster.
        engine: the address of an engine of another process, to use instead of starting one; see `Engine.listen`.
    """

    def __init__(
        self, *, gpu: bool = False, confined: bool = True, many: bool = False, engine: str = ""
    ) -> None:
        self._gpu, self._confined, self._many, self._address = gpu, confined, many, engine
        self._lock = threading.RLock()
        self._engine: Engine | None = None
        self._templates: dict[Path, tuple[list[int], zygote.Client]] = {}

    def start(self) -> None:
        self._started()

    def _started(self) -> Engine:
        with self._lock:
            if self._engine is None:
                if self._address:
                    self._engine = Engine.join(self._address)
                else:
                    self._engine = Engine(gpu=self._gpu, many=self._many)
            return self._engine

    @property
    def folder(self) -> Path:
        return self._started().base

    def prepare(self, exercise: Exercise, device: str) -> None:
        with self._lock:
            self._template(exercise, device)

    @contextlib.contextmanager
    def judge(
        self, exercise: Exercise, device: str, could_use: Sequence[str], hidden: Sequence[str]
    ) -> Iterator[Channel]:
        with contextlib.ExitStack() as stack:
            with self._lock:
                engine = self._started()
                if self._confined:
                    engine.prepare_confinement(hidden)
                template = self._template(exercise, device)
                engine.ensure(could_use, needed=False)
                try:
                    ours = stack.enter_context(contextlib.closing(template.connect()))
                except EngineError as error:
                    self._forget(exercise)
                    raise ChannelClosed from error
                workers = engine.connect()
            try:
                with contextlib.closing(workers):
                    judge = spawning.ask_to_fork(ours, "judge", workers.fileno())
                stack.callback(judge.close)
                pid = ours.forked_pid()
            except EngineError as error:
                with self._lock:
                    self._forget(exercise)
                raise ChannelClosed from error
            stack.callback(ours.kill, pid)
            yield judge

    def _template(self, exercise: Exercise, device: str) -> zygote.Client:
        engine = self._started()
        simulation = _SIMULATION_MODULES if device == "simulated-cuda" else ()
        engine.ensure([*exercise.manifest.imports, *_JUDGE_MODULES, *simulation, "learn_torch.engine.warm"])
        stamps = [Path(file).stat().st_mtime_ns for file in files_of(exercise)]
        collected, client = self._templates.get(exercise.grader, ([], None))
        if client is not None and collected != stamps:  # the files have been edited
            client.close()
            client = None
        if client is None:
            ours, theirs = zygote.control_pair()
            with theirs:
                engine.client.ask_to_fork("learn_torch.judge.entry:template", [theirs.fileno()])
            engine.client.forked_pid()
            ours.send("\n".join(files_of(exercise)).encode())
            client = zygote.Client(ours)
            self._templates[exercise.grader] = stamps, client
        return client

    def _forget(self, exercise: Exercise) -> None:
        _stamps, client = self._templates.pop(exercise.grader, ([], None))
        if client is not None:
            client.close()

    def close(self) -> None:
        with self._lock:
            for _stamps, template in self._templates.values():
                template.close()
            self._templates.clear()
            if self._engine is not None:
                self._engine.close()
                self._engine = None


class SubprocessLauncher(Launcher):
    """Starts each judge as a separate process, for systems without fork.

    Args:
        gpu: leave real CUDA devices visible.
    """

    def __init__(self, *, gpu: bool = False) -> None:
        self._gpu = gpu
        self._lock = threading.Lock()
        self._base: Path | None = None

    def start(self) -> None:
        """Does nothing: judges share nothing."""

    @property
    def folder(self) -> Path:
        with self._lock:
            if self._base is None:
                self._base = scratch.make_base()
            return self._base

    def prepare(self, exercise: Exercise, device: str) -> None:
        """Does nothing: nothing can be loaded in advance."""

    @contextlib.contextmanager
    def judge(
        self, exercise: Exercise, device: str, could_use: Sequence[str], hidden: Sequence[str]
    ) -> Iterator[Channel]:
        process = spawning.start_python(
            "learn_torch.judge.entry",
            *files_of(exercise),
            stderr=subprocess.PIPE,
            env=spawning.scrubbed_environment(gpu=self._gpu),
        )
        judge = spawning.channel_to(process)
        try:
            yield judge
        finally:
            process.kill()
            process.wait()
            judge.close()

    def close(self) -> None:
        with self._lock:
            if self._base is not None:
                scratch.remove(self._base)
                self._base = None


def files_of(exercise: Exercise) -> list[str]:
    """The files that a judge is started with: the grader and its shared fixtures."""
    return [str(file.absolute()) for file in (exercise.grader, *exercise.fixtures)]
