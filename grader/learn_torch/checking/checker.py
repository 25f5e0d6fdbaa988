"""Run a check: start the processes, send the job, receive the outcome."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import learn_torch
from learn_torch import devices
from learn_torch.checking import first_use
from learn_torch.checking.launching import ForkLauncher, Launcher, SubprocessLauncher, files_of
from learn_torch.checking.reporting import judged_on, make_report
from learn_torch.course import Exercise, course_root
from learn_torch.engine import scratch
from learn_torch.engine.engine import can_fork
from learn_torch.errors import EngineError, IsolationError
from learn_torch.escaping import harmless
from learn_torch.judge import job as jobs
from learn_torch.language import _, language, speaking
from learn_torch.report import Report
from learn_torch.wire import channel, messages
from learn_torch.worker import confinement

Launch = Literal["fork", "subprocess"]

_GRACE = 1800.0
"""Seconds of wall time after which a judge counts as broken. It ends long before that, unless the machine is so busy
that its processes do not run at all."""


class Checker:
    """Runs checks. It does not call plugins or recognise mistakes: `Checking` does.

    A context manager: leaving it ends every process that it started.

    Args:
        launch: fork judges and workers from a warm engine, or start each as a separate process. By default fork, if
            this system can.
        gpu: leave real CUDA devices visible, for checks on them.
        hidden: files and folders that no submission may read, such as other courses and the workspace. The built-in
            course is always hidden.
        confined: confine workers as far as this system can; otherwise a submission can do what its user can.
        require_full: refuse to check without full isolation.
        many: prepare for many checks; see `ForkLauncher`.
        engine: the address of an engine that another process has started; see `ForkLauncher`.
    """

    def __init__(
        self,
        launch: Launch | None = None,
        *,
        gpu: bool = False,
        hidden: Sequence[Path] = (),
        confined: bool = True,
        require_full: bool = False,
        many: bool = False,
        engine: str = "",
    ) -> None:
        self.launch: Launch = launch or ("fork" if can_fork() else "subprocess")
        if self.launch == "fork" and not can_fork():
            raise EngineError(_("this system cannot fork judges and workers"), _("leave out --launch"))
        package = Path(learn_torch.__file__).parent
        self._hidden = [course_root(), package, *hidden]
        self._confined, self._require_full = confined, require_full
        self._could_use: dict[Path, list[str]] = {}
        self._launcher: Launcher = (
            ForkLauncher(gpu=gpu, confined=confined, many=many, engine=engine)
            if self.launch == "fork"
            else SubprocessLauncher(gpu=gpu)
        )

    def start(self) -> None:
        """Start the engine in the background, so that `check` need not wait for it. Returns at once."""
        self._launcher.start()

    @property
    def folder(self) -> Path:
        """The folder that holds the folders of its sessions."""
        return self._launcher.folder

    def prepare(self, exercise: Exercise, device: str = "") -> None:
        """Load what `exercise` needs: libraries now, its grader in the background. Does nothing if files are missing.

        Raises:
            EngineError: the engine cannot be started, or cannot import a library.
        """
        if all(Path(file).is_file() for file in files_of(exercise)):
            self._launcher.prepare(exercise, device or exercise.manifest.device)

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
        ended: Callable[[jobs.TestResult], None] = lambda result: None,
    ) -> Report:
        """Check one submission.

        Args:
            exercise: the exercise of the submission.
            source: the bytes of the submission.
            device: `cpu`, `simulated-cuda`, `cuda:0`; by default the exercise's device.
            seed: repeats a run; by default a new, secret seed.
            file: the name of the submission's file, for the report; by default that of the exercise.
            lang: the language of the report; by default the current language of this thread.
            hidden: files and folders that this submission may not read, in addition to those of the checker.
            meanwhile: called repeatedly while the judge works; an exception from it ends the check.
            ended: called with the result of each check as soon as it is known.

        Raises:
            DeviceError: this exercise cannot be judged on this device.
            EngineError: the processes could not be started.
            IsolationError: full isolation is required but not possible; the submission was not run.
        """
        device = judged_on(exercise, device)
        started = time.perf_counter()
        lang = lang or language()
        outcome = self.examine(
            exercise,
            source,
            device=device,
            seed=seed,
            lang=lang,
            hidden=hidden,
            meanwhile=meanwhile,
            ended=ended,
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
        self, exercise: Exercise, source: bytes, *, seed: int | None = None, **options: Any
    ) -> jobs.Outcome:
        """The judge's outcome for one submission with one seed. The options are those of `examine_seeds`."""
        (outcome,) = self.examine_seeds(exercise, source, [seed], **options)
        return outcome

    def examine_seeds(
        self,
        exercise: Exercise,
        source: bytes,
        seeds: Sequence[int | None],
        *,
        device: str = "",
        only: Sequence[str] | None = None,
        first_failure: bool = False,
        traced: bool = False,
        time_limit: float | None = None,
        lang: str = "",
        hidden: Sequence[Path] = (),
        meanwhile: Callable[[], None] = lambda: None,
        ended: Callable[[jobs.TestResult], None] = lambda result: None,
    ) -> list[jobs.Outcome]:
        """The judge's outcome for one submission with each of these seeds, before it becomes a report.

        One judge runs all seeds, one after the other, each with a new worker.

        Args:
            exercise: as in `check`.
            source: as in `check`.
            seeds: as in `check`.
            device: as in `check`, but any device is allowed.
            only: the names of the checks to run; by default all.
            first_failure: end at the first check that fails.
            traced: record the submission's answers; the seed then also decides the submission's random numbers.
            time_limit: seconds for all checks of one seed together; by default the exercise's limit.
            lang: the language of the messages; by default the current language of this thread.
            hidden: as in `check`.
            meanwhile: as in `check`.
            ended: as in `check`.
        """
        manifest = exercise.manifest
        device = device or manifest.device
        limit = time_limit or manifest.time_limit
        if self._require_full:
            _insist(confinement.expected_isolation(processes=manifest.processes))
        if missing := [file for file in files_of(exercise) if not Path(file).is_file()]:
            return [jobs.Outcome(seed or 0, [], f"there is no grader {missing[0]}") for seed in seeds]
        with scratch.session_folder(self.folder) as folder:
            setup = messages.Setup(
                device=device,
                imports=list(manifest.imports),
                could_use=(*self._modules_of(exercise), *first_use.modules_by_word(source)),
                scratch=str(folder / "scratch"),
                readable=[str(folder / "given")],
                base=str(self.folder),
                hidden=sorted({str(Path(path).resolve()) for path in (*self._hidden, *hidden)}),
                processes=manifest.processes,
                confined=self._confined,
                memory=0 if devices.parse(device).is_card else manifest.memory_bytes,
                cpu_seconds=int(limit * 4) + 10,
            )
            job = jobs.Job(
                source=source,
                file=f"{exercise.name}.py",
                setup=setup,
                given=str(folder / "given"),
                seeds=tuple(seeds),
                lang=lang or language(),
                time_limit=limit,
                memory=manifest.memory_bytes,
                require_full=self._require_full,
                only=list(only) if only is not None else None,
                first_failure=first_failure,
                traced=traced,
            )
            return self._judge(exercise, job, meanwhile, ended)

    def _modules_of(self, exercise: Exercise) -> list[str]:
        if exercise.folder not in self._could_use:
            self._could_use[exercise.folder] = first_use.modules_of(exercise)
        return self._could_use[exercise.folder]

    def _judge(
        self,
        exercise: Exercise,
        job: jobs.Job,
        meanwhile: Callable[[], None],
        ended: Callable[[jobs.TestResult], None],
    ) -> list[jobs.Outcome]:
        outcomes: list[jobs.Outcome] = []
        output = ""
        try:
            with self._launcher.judge(
                exercise, job.setup.device, job.setup.could_use, job.setup.hidden
            ) as judge:
                try:
                    judge.send(jobs.encode_job(job), time.monotonic() + _GRACE, meanwhile)
                    while len(outcomes) < len(job.seeds):
                        told = jobs.decode_told(judge.receive(time.monotonic() + _GRACE, meanwhile))
                        if isinstance(told, jobs.Outcome):
                            outcomes.append(told)
                        else:
                            ended(told)
                except channel.ChannelError:
                    output = judge.take_output()[0]
                    raise
        except channel.ChannelError as error:
            reason = "it took too long" if isinstance(error, channel.ChannelTimeout) else "it ended"
            broken = f"the judge gave no verdict: {reason}\n{harmless(output)[-3000:]}"
            outcomes += [jobs.Outcome(seed or 0, [], broken) for seed in job.seeds[len(outcomes) :]]
        return outcomes

    def close(self) -> None:
        """End every process."""
        self._launcher.close()

    def __enter__(self) -> Checker:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()


def _insist(isolation: str) -> None:
    if isolation != "full":
        raise IsolationError(
            _("submissions cannot be fully isolated here: {isolation}").format(isolation=isolation),
            _("`learn doctor` lists what is missing; docs/security.md says what each layer needs"),
        )
