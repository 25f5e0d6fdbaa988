"""Running a check: start the processes, hand over the job, take the outcome."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import learn_torch
from learn_torch.checking import first_use
from learn_torch.checking.reporting import judged_on, make_report
from learn_torch.course import Exercise, course_root
from learn_torch.engine import scratch, spawning, zygote
from learn_torch.engine.engine import Engine, can_fork
from learn_torch.engine.spawning import channel_to
from learn_torch.errors import EngineError, IsolationError
from learn_torch.escaping import harmless
from learn_torch.judge import job as jobs
from learn_torch.language import _, language, speaking
from learn_torch.report import Report
from learn_torch.wire import channel
from learn_torch.worker import confinement

Launch = Literal["fork", "subprocess"]

_JUDGE_MODULES = ["learn_torch.worker.worker", "learn_torch.judge.entry", "learn_torch.testing.fixtures"]
_SIMULATION_MODULES = ["learn_torch.worker.simulated_cuda", "torch._dynamo"]
_GRACE = 1800.0
"""Seconds on the clock for a judge, after which it is broken. It ends by itself long before, but on a machine so busy
that nothing gets a processor."""


class Checker:
    """Runs checks, and nothing else: `Checking` calls plugins and names mistakes, too.

    A context manager: leaving it ends every process that it started.

    Args:
        launch: fork judges and workers from a warm engine, or start each as a process of its own. By default as this
            system allows.
        gpu: leave real CUDA devices visible, for checks on them.
        hidden: files and folders that no submission may read, wherever they lie, besides the built-in course:
            other courses, the workspace.
        confined: confine workers as far as this system can; without, a submission can do what its user can.
        require_full: check nothing that cannot be fully isolated.
    """

    def __init__(
        self,
        launch: Launch | None = None,
        *,
        gpu: bool = False,
        hidden: Sequence[Path] = (),
        confined: bool = True,
        require_full: bool = False,
    ) -> None:
        self.launch: Launch = launch or ("fork" if can_fork() else "subprocess")
        if self.launch == "fork" and not can_fork():
            raise EngineError(_("this system cannot fork judges and workers"), _("leave --launch out"))
        self._gpu = gpu
        package = Path(learn_torch.__file__).parent
        self._hidden = sorted({str(Path(path).resolve()) for path in (course_root(), package, *hidden)})
        self._confined, self._require_full = confined, require_full
        self._base: Path | None = None
        self._engine: Engine | None = None
        self._templates: dict[Path, tuple[list[int], zygote.Client]] = {}
        self._could_use: dict[Path, list[str]] = {}

    def start(self) -> None:
        """Start the engine beside other work, so that `check` finds it there. Returns at once."""
        if self.launch == "fork" and self._engine is None:
            self._engine = Engine(str(self.folder), gpu=self._gpu)
            if self._confined:
                self._engine.prepare_confinement(self._hidden)

    @property
    def folder(self) -> Path:
        """The folder that holds the folders of its sessions."""
        if self._base is None:
            self._base = scratch.make_base()
        return self._base

    def prepare(self, exercise: Exercise, device: str = "") -> None:
        """Load what `exercise` needs: libraries now, its grader in the background. Does nothing where that is missing.

        Raises:
            EngineError: the engine cannot be started, or cannot import a library.
        """
        if self.launch == "fork" and all(Path(file).is_file() for file in _files_of(exercise)):
            self._template(exercise, device or exercise.manifest.device)

    def check(
        self,
        exercise: Exercise,
        source: bytes,
        *,
        device: str = "",
        seed: int | None = None,
        file: str = "",
        lang: str = "",
        hidden: Sequence[Path] = (),
        meanwhile: Callable[[], None] = lambda: None,
    ) -> Report:
        """Check one submission.

        Args:
            exercise: what it is a submission for.
            source: its bytes.
            device: `cpu`, `simulated-cuda`, `cuda:0`; by default what the exercise asks for.
            seed: repeats a run; by default a fresh secret one.
            file: the name of its file, for the report; by default the exercise's own.
            lang: the language of the report; by default the one in use in this thread.
            hidden: what this submission may not read, besides what none may.
            meanwhile: called again and again while the judge works; what it raises ends the check.

        Raises:
            DeviceError: a pass on this device would be none.
            EngineError: the processes could not be started.
            IsolationError: full isolation was asked for and cannot be had; the submission was not run.
        """
        device = judged_on(exercise, device)
        started = time.perf_counter()
        lang = lang or language()
        outcome = self.examine(
            exercise, source, device=device, seed=seed, lang=lang, hidden=hidden, meanwhile=meanwhile
        )
        if outcome.refused:
            _insist(outcome.isolation)
        with speaking(lang):
            return make_report(
                exercise,
                outcome,
                source=source,
                file=file or f"{exercise.name}.py",
                device=device,
                seconds=time.perf_counter() - started,
            )

    def examine(
        self,
        exercise: Exercise,
        source: bytes,
        *,
        device: str = "",
        seed: int | None = None,
        only: Sequence[str] | None = None,
        first_failure: bool = False,
        traced: bool = False,
        time_limit: float | None = None,
        lang: str = "",
        hidden: Sequence[Path] = (),
        meanwhile: Callable[[], None] = lambda: None,
    ) -> jobs.Outcome:
        """What the judge says of one submission, before it becomes a report.

        Args:
            exercise: as in `check`.
            source: as in `check`.
            device: as in `check`, and any device will do.
            seed: as in `check`.
            only: the names of the checks to run; by default all.
            first_failure: end at the first check that fails.
            traced: keep what the submission answers; the seed then decides its random numbers, too.
            time_limit: seconds for all checks together; by default the exercise's.
            lang: the language of the messages; by default the one in use in this thread.
            hidden: as in `check`.
            meanwhile: as in `check`.
        """
        device = device or exercise.manifest.device
        if self._require_full:
            _insist(confinement.expected_isolation(processes=exercise.manifest.processes))
        with scratch.session_folder(self.folder) as folder:
            manifest = exercise.manifest
            job = jobs.Job(
                source=source,
                file=f"{exercise.name}.py",
                device=device,
                seed=seed,
                lang=lang or language(),
                imports=list(manifest.imports),
                could_use=[*self._modules_of(exercise), *first_use.modules_by_word(source)],
                time_limit=time_limit or manifest.time_limit,
                memory=manifest.memory_bytes,
                base=str(self.folder),
                scratch=str(folder / "scratch"),
                given=str(folder / "given"),
                hidden=sorted({*self._hidden, *(str(Path(path).resolve()) for path in hidden)}),
                processes=manifest.processes,
                confined=self._confined,
                require_full=self._require_full,
                only=list(only) if only is not None else None,
                first_failure=first_failure,
                traced=traced,
            )
            return self._judge(exercise, job, meanwhile)

    def examine_seeds(
        self, exercise: Exercise, source: bytes, seeds: Sequence[int], **options: Any
    ) -> list[jobs.Outcome]:
        """What the judge says of one submission with each of these seeds. The options are those of `examine`."""
        return [self.examine(exercise, source, seed=seed, **options) for seed in seeds]

    def _judge(self, exercise: Exercise, job: jobs.Job, meanwhile: Callable[[], None]) -> jobs.Outcome:
        if missing := [file for file in _files_of(exercise) if not Path(file).is_file()]:
            return jobs.Outcome(job.seed or 0, [], f"there is no grader {missing[0]}")
        try:
            if self.launch == "fork":
                judge, end = self._fork_judge(exercise, job)
            else:
                judge, end = _start_judge(exercise, self._gpu)
        except channel.ChannelClosed as error:
            return _no_verdict(job, error, "")
        deadline = time.monotonic() + _GRACE
        try:
            judge.send(jobs.encode(job), deadline, meanwhile)
            return jobs.decode_outcome(judge.receive(deadline, meanwhile))
        except channel.ChannelError as error:
            return _no_verdict(job, error, judge.take_output()[0])
        finally:
            end()
            judge.close()

    def _template(self, exercise: Exercise, device: str) -> zygote.Client:
        self.start()
        assert self._engine is not None
        simulation = _SIMULATION_MODULES if device == "simulated-cuda" else []
        self._engine.ensure(
            [*exercise.manifest.imports, *_JUDGE_MODULES, *simulation, "learn_torch.engine.warm"]
        )
        stamps = [Path(file).stat().st_mtime_ns for file in _files_of(exercise)]
        collected, client = self._templates.get(exercise.grader, ([], None))
        if client is not None and collected != stamps:  # its author has edited it
            client.close()
            client = None
        if client is None:
            ours, theirs = zygote.control_pair()
            self._engine.client.ask_to_fork("learn_torch.judge.entry:template", [theirs.fileno()])
            theirs.close()
            self._engine.client.forked_pid()
            ours.send("\n".join(_files_of(exercise)).encode())
            client = zygote.Client(ours)
            self._templates[exercise.grader] = stamps, client
        return client

    def _modules_of(self, exercise: Exercise) -> list[str]:
        if exercise.folder not in self._could_use:
            self._could_use[exercise.folder] = first_use.modules_of(exercise)
        return self._could_use[exercise.folder]

    def _fork_judge(self, exercise: Exercise, job: jobs.Job) -> tuple[channel.Channel, Callable[[], None]]:
        """A judge, and what ends it. Raises ChannelClosed where the grader ended its template."""
        template = self._template(exercise, job.device)
        assert self._engine is not None
        self._engine.ensure(job.could_use, needed=False)
        with self._engine.new_client() as engine, contextlib.ExitStack() as undo:
            try:
                judge = spawning.ask_to_fork(template, "judge", engine.fileno())
                undo.callback(judge.close)
                pid = template.forked_pid()
            except EngineError as error:
                template.close()
                del self._templates[exercise.grader]
                raise channel.ChannelClosed from error
            undo.pop_all()
        return judge, lambda: template.kill(pid)

    def close(self) -> None:
        """End every process."""
        for _stamps, template in self._templates.values():
            template.close()
        self._templates.clear()
        if self._engine is not None:
            self._engine.close()
            self._engine = None
        if self._base is not None:
            if self._base.exists():  # there was no engine to remove it, or it had to be killed
                scratch.remove(self._base)
            self._base = None

    def __enter__(self) -> Checker:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()


def _files_of(exercise: Exercise) -> list[str]:
    """What a judge is started with: the grader, and the fixtures that it shares with others."""
    return [str(file.absolute()) for file in (exercise.grader, *exercise.fixtures)]


def _insist(isolation: str) -> None:
    if isolation != "full":
        raise IsolationError(
            _("submissions cannot be fully isolated here: {isolation}").format(isolation=isolation),
            _("`learn doctor` lists what is missing; docs/security.md says what each layer needs"),
        )


def _no_verdict(job: jobs.Job, error: channel.ChannelError, output: str) -> jobs.Outcome:
    reason = "it took too long" if isinstance(error, channel.ChannelTimeout) else "it ended"
    return jobs.Outcome(job.seed or 0, [], f"the judge gave no verdict: {reason}\n{harmless(output)[-3000:]}")


def _start_judge(exercise: Exercise, gpu: bool) -> tuple[channel.Channel, Callable[[], None]]:
    process = spawning.start_python(
        "learn_torch.judge.entry",
        *_files_of(exercise),
        stderr=subprocess.PIPE,
        env=spawning.scrubbed_environment(gpu=gpu),
    )

    def end() -> None:
        process.kill()
        process.wait()

    return channel_to(process), end
