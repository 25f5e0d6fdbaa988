"""Checking as a library call, for the command line, `learn doctor`, a notebook or a gradebook.

with Checking(make_plugin_manager()) as checking:
    report = checking.check(exercise, Path("03_conv_output_shape.py"))
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from learn_torch.checking import events
from learn_torch.checking.cancelling import Cancellation
from learn_torch.checking.checker import Checker, Launch
from learn_torch.checking.hidden import hidden_from, hidden_from_all
from learn_torch.checking.reading import SubmissionProblem, insist_on_text, read_submission
from learn_torch.checking.reporting import diagnosed, judged_on, report_of_check, report_without_judge
from learn_torch.checking.syntax import syntax_error
from learn_torch.course import Exercise
from learn_torch.escaping import harmless, harmless_line
from learn_torch.judge.job import Outcome, TestResult
from learn_torch.language import language, speaking
from learn_torch.plugins.manager import Plugins
from learn_torch.report import Diagnosis, Note, Report

MakeChecker = Callable[..., Checker]


class Checking:
    """Checks submissions: reads them, calls the plugins, runs the judge and recognises known mistakes.

    A context manager: leaving it ends every process that it started. Any number of threads may call `check`.

    Args:
        plugins: the plugins whose hooks are called. No submission may read them or their courses.
        workspace: the folder of the workspace. No submission may read it.
        launch: fork judges and workers from a warm engine, or start each as a separate process. By default fork, if
            this system can.
        gpu: leave real CUDA devices visible, for checks on them.
        confined: confine workers as far as this system can; otherwise a submission can do what its user can.
        require_full: refuse to check without full isolation.
        make_checker: makes the checker. It takes the same arguments as `Checker`, which is the default.

    Raises:
        EngineError: this system cannot start processes in that way.
    """

    def __init__(
        self,
        plugins: Plugins,
        *,
        workspace: Path | None = None,
        launch: Launch | None = None,
        gpu: bool = False,
        confined: bool = True,
        require_full: bool = False,
        make_checker: MakeChecker | None = None,
    ) -> None:
        self._plugins, self._workspace = plugins, workspace
        self._lang = language()  # kept here, because threads of a pool do not inherit it
        self._checker = (make_checker or Checker)(
            launch,
            gpu=gpu,
            hidden=hidden_from_all(plugins, workspace),
            confined=confined,
            require_full=require_full,
        )

    def start(self) -> None:
        """Start the engine in the background, so that `check` need not wait for it. Returns at once."""
        self._checker.start()

    def check(
        self,
        exercise: Exercise,
        submission: Path | bytes,
        *,
        device: str = "",
        seed: int | None = None,
        lang: str = "",
        diagnosing: bool = True,
        listen: events.Listener = events.nobody,
        cancellation: Cancellation | None = None,
    ) -> Report:
        """Check one submission. If it cannot be read, every check fails and the report says why.

        Args:
            exercise: the exercise of the submission.
            submission: its file or its bytes.
            device: `auto`, `cpu`, `simulated-cuda`, `cuda:1`; by default the exercise's device.
            seed: repeats a run; by default a new, secret seed.
            lang: the language of the report and of plugins, in any thread; by default the language that was current
                when this object was made.
            diagnosing: look for a known mistake if the submission failed.
            listen: called with every event, in this thread. An exception from it ends the check.
            cancellation: ends the check from another thread.

        Raises:
            Cancelled: it was cancelled. Its processes and folders are gone, and the next check can run.
            DeviceError: this exercise cannot be judged on this device.
            EngineError: the processes could not be started.
            IsolationError: full isolation is required but not possible; the submission was not run.
        """
        with speaking(lang or self._lang):
            one = _OneCheck(
                exercise,
                submission,
                judged_on(exercise, device),
                seed,
                listen,
                cancellation or Cancellation(),
            )
            return self._check(one, diagnosing=diagnosing)

    def _check(self, one: _OneCheck, *, diagnosing: bool) -> Report:
        one.cancellation.insist()
        source, report = _read(one)
        if report is None:
            self._checker.start()  # in the background, while the listener and the plugins are busy
        one.listen(events.Started(one.exercise.key, one.file, one.device))
        if source is None:
            assert report is not None
            _tell_verdict(one, report)
        else:
            notes = self._notes(one, "learn_before_check", source=source)
            judging = report is None
            report = report or self._judged(one, source)
            _tell_verdict(one, report)
            diagnoses = self._diagnoses(one, source, report) if diagnosing and judging else ()
            notes += self._notes(one, "learn_after_check", source=source, report=report)
            report = msgspec.structs.replace(diagnosed(report, diagnoses), notes=notes or msgspec.UNSET)
        one.listen(events.Finished(report))
        return report

    def _judged(self, one: _OneCheck, source: bytes) -> Report:
        # The start of the engine must not count as the submission's time: the diagnosis gets the time that is left.
        self._checker.prepare(one.exercise, one.device)
        one.cancellation.insist()
        return self._checker.check(
            one.exercise,
            source,
            device=one.device,
            seed=one.seed,
            file=one.file,
            lang=language(),
            hidden=self._hidden(one),
            meanwhile=one.cancellation.insist,
            ended=partial(_tell_result, one),
        )

    def _hidden(self, one: _OneCheck) -> list[Path]:
        path = one.submission if isinstance(one.submission, Path) else None
        return hidden_from(one.exercise, path, self._plugins, self._workspace)

    def _notes(self, one: _OneCheck, hook: str, **arguments: object) -> list[Note]:
        found = self._plugins.call(hook, exercise=one.exercise, **arguments)
        notes = [Note(harmless_line(plugin), harmless(text)) for plugin, text in found if text]
        one.cancellation.insist()
        return notes

    def _diagnoses(self, one: _OneCheck, source: bytes, report: Report) -> tuple[Diagnosis, ...]:
        """A plugin's diagnoses of a failure. The built-in plugin compares it with the known mistakes."""
        if report.verdict != "failed":
            return ()

        def examine(**options: Any) -> Outcome:
            options |= {
                "lang": language(),
                "hidden": self._hidden(one),
                "meanwhile": one.cancellation.insist,
            }
            return self._checker.examine(one.exercise, source, **options)

        answers = self._plugins.call(
            "learn_diagnose", exercise=one.exercise, source=source, report=report, examine=examine
        )
        _plugin, found = next(answers, ("", []))
        one.cancellation.insist()
        every = found if isinstance(found, list) else [found]
        diagnoses = tuple(Diagnosis(harmless_line(each.mistake), harmless(each.message)) for each in every)
        one.listen(events.Diagnosed(diagnoses))
        return diagnoses

    def close(self) -> None:
        """End every process."""
        self._checker.close()

    def __enter__(self) -> Checking:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True)
class _OneCheck:
    """The state that all steps of one check share."""

    exercise: Exercise
    submission: Path | bytes
    device: str
    seed: int | None
    listen: events.Listener
    cancellation: Cancellation
    told: set[str] = field(default_factory=set)

    @property
    def file(self) -> str:
        """The submission's file name; `NN_slug.py` if there are only bytes."""
        name = self.submission.name if isinstance(self.submission, Path) else f"{self.exercise.name}.py"
        return harmless_line(name)

    def read(self) -> bytes:
        """The submission's bytes. Raises SubmissionProblem."""
        source = self.submission
        if isinstance(source, Path):
            source = read_submission(source)
        insist_on_text(source, Path(self.file))
        return source


def _read(one: _OneCheck) -> tuple[bytes | None, Report | None]:
    """The submission's bytes, if it can be read, and the report on it, if it takes no judge to make one."""
    started = time.perf_counter()
    failed = partial(report_without_judge, one.exercise, file=one.file, device=one.device)
    try:
        source = one.read()
    except SubmissionProblem as problem:
        message = f"{problem.message}\n{problem.hint}".strip()
        return None, failed(message, cause="file", source=None, seed=one.seed or 0, seconds=0.0)
    if not one.exercise.grader.is_file() or (error := syntax_error(source)) is None:
        return source, None
    from learn_torch.judge import explain  # imports pytest

    message = explain.syntax_error(error, f"{one.exercise.name}.py")
    seed = secrets.randbits(48) if one.seed is None else one.seed
    seconds = time.perf_counter() - started
    return source, failed(message, cause="import", source=source, seed=seed, seconds=seconds)


def _tell_result(one: _OneCheck, result: TestResult) -> None:
    for check in one.exercise.manifest.checks:
        if check.name == result.name:
            one.told.add(check.name)
            one.listen(events.CheckEnded(report_of_check(check, result)))


def _tell_verdict(one: _OneCheck, report: Report) -> None:
    for check in report.checks:
        if check.name not in one.told:  # the judge did not get to it
            one.listen(events.CheckEnded(check))
    one.listen(events.VerdictReached(report))
