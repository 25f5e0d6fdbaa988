"""Checking a submission: start the processes, hand over the job, put the report together."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Literal

import msgspec

from learn_torch.course import Exercise
from learn_torch.errors import EngineError
from learn_torch.judge import job as jobs
from learn_torch.judge.report import SCHEMA, CheckReport, Report, verdict_of
from learn_torch.language import _, language
from learn_torch.sandbox import channel, confine, processes, zygote
from learn_torch.sandbox.engine import Engine, can_fork
from learn_torch.sandbox.processes import channel_to

Launch = Literal["fork", "subprocess"]

_JUDGE_MODULES = ["learn_torch.sandbox.worker", "learn_torch.judge.process", "learn_torch.testing.fixtures"]
_SIMULATION_MODULES = ["learn_torch.sandbox.simulated_cuda", "torch._dynamo"]
_GRACE = 150.0
"""Seconds above an exercise's own limit for imports and the grader's own work; then the judge is broken."""


class Checker:
    """Checks submissions. A context manager: leaving it ends every process that it started.

    Args:
        launch: fork judges and workers from a warm engine, or start each as a process of its own. By default as this
            system allows.
        gpu: leave real CUDA devices visible, for checks on them.
    """

    def __init__(self, launch: Launch | None = None, *, gpu: bool = False) -> None:
        self.launch: Launch = launch or ("fork" if can_fork() else "subprocess")
        if self.launch == "fork" and not can_fork():
            raise EngineError(_("this system cannot fork judges and workers"), _("leave --launch out"))
        self._gpu = gpu
        self._engine: Engine | None = None
        self._templates: dict[Path, zygote.Client] = {}

    def start(self) -> None:
        """Start the engine beside other work, so that `check` finds it there. Returns at once."""
        if self.launch == "fork" and self._engine is None:
            self._engine = Engine(gpu=self._gpu)

    def prepare(self, exercise: Exercise, device: str = "") -> None:
        """Load what `exercise` needs: libraries now, its grader in the background."""
        if self.launch == "fork":
            self._template(exercise, device or exercise.manifest.device)

    def check(
        self, exercise: Exercise, source: bytes, *, device: str = "", seed: int | None = None
    ) -> Report:
        """Check one submission.

        Args:
            exercise: what it is a submission for.
            source: its bytes.
            device: `cpu`, `simulated-cuda`, `cuda:0`; by default what the exercise asks for.
            seed: repeats a run; by default a fresh secret one.

        Raises:
            EngineError: the processes could not be started.
        """
        started = time.perf_counter()
        device = device or exercise.manifest.device
        with session_folder() as folder:
            manifest = exercise.manifest
            job = jobs.Job(
                source=source,
                file=f"{exercise.name}.py",
                device=device,
                seed=seed,
                lang=language(),
                imports=list(manifest.imports),
                time_limit=manifest.time_limit,
                memory=manifest.memory_bytes,
                scratch=str(folder / "scratch"),
                given=str(folder / "given"),
            )
            outcome = self._judge(exercise, job)
        return make_report(exercise, outcome, device, time.perf_counter() - started)

    def _judge(self, exercise: Exercise, job: jobs.Job) -> jobs.Outcome:
        if not exercise.grader.is_file():
            return jobs.Outcome(job.seed or 0, [], f"there is no grader {exercise.grader}")
        try:
            if self.launch == "fork":
                judge, end = self._fork_judge(exercise, job.device)
            else:
                judge, end = _start_judge(exercise, self._gpu)
        except channel.ChannelClosed as error:
            return _no_verdict(job, error, "")
        deadline = time.monotonic() + job.time_limit + _GRACE
        try:
            judge.send(jobs.encode(job), deadline)
            return jobs.decode_outcome(judge.receive(deadline))
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
            [*exercise.manifest.imports, *_JUDGE_MODULES, *simulation, "learn_torch.sandbox.warm"]
        )
        if exercise.grader not in self._templates:
            ours, theirs = zygote.control_pair()
            self._engine.client.ask_to_fork("learn_torch.judge.process:template", [theirs.fileno()])
            theirs.close()
            self._engine.client.forked_pid()
            ours.send(str(exercise.grader).encode())
            self._templates[exercise.grader] = zygote.Client(ours)
        return self._templates[exercise.grader]

    def _fork_judge(self, exercise: Exercise, device: str) -> tuple[channel.Channel, Callable[[], None]]:
        """A judge, and what ends it. Raises ChannelClosed where the grader ended its template."""
        template = self._template(exercise, device)
        assert self._engine is not None
        with self._engine.new_client() as engine, contextlib.ExitStack() as undo:
            try:
                judge = processes.ask_to_fork(template, "judge", engine.fileno())
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
        for template in self._templates.values():
            template.close()
        self._templates.clear()
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def __enter__(self) -> Checker:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()


def _no_verdict(job: jobs.Job, error: channel.ChannelError, output: str) -> jobs.Outcome:
    reason = "it took too long" if isinstance(error, channel.ChannelTimeout) else "it ended"
    return jobs.Outcome(job.seed or 0, [], f"the judge gave no verdict: {reason}\n{output[-3000:]}")


def _start_judge(exercise: Exercise, gpu: bool) -> tuple[channel.Channel, Callable[[], None]]:
    process = processes.start_python(
        "learn_torch.judge.process",
        str(exercise.grader),
        stderr=subprocess.PIPE,
        env=processes.scrubbed_environment(gpu=gpu),
    )

    def end() -> None:
        process.kill()
        process.wait()

    return channel_to(process), end


@contextlib.contextmanager
def session_folder() -> Iterator[Path]:
    """A private folder for one check session, with `scratch` and `given` in it; removed afterwards.

    Raises:
        EngineError: there is no room, or no permission, for one.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix="learn-"))
        (folder / "scratch").mkdir()
        (folder / "given").mkdir()
    except OSError as error:
        raise EngineError(
            _("no temporary folder can be made: {error}").format(error=error),
            _("free some space, or set TMPDIR"),
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def refuse(exercise: Exercise, message: str, device: str, seed: int | None) -> Report:
    """The report on a submission that could not be handed to a worker at all: every check failed, and why."""
    tests = [jobs.TestResult(check.name, "failed", message, "") for check in exercise.manifest.checks]
    return make_report(exercise, jobs.Outcome(seed or 0, tests), device or exercise.manifest.device, 0.0)


def make_report(exercise: Exercise, outcome: jobs.Outcome, device: str, seconds: float) -> Report:
    """Titles, points and help from the manifest, verdicts from the judge."""
    results = {result.name: result for result in outcome.tests}
    checks = []
    for check in exercise.manifest.checks:
        result = results.pop(check.name, None)
        if outcome.broken or result is None:
            reason = outcome.broken or _("the grader has no test of this name, or did not get to it")
            result = jobs.TestResult(check.name, "error", reason, "")
        passed = result.verdict == "passed"
        report = CheckReport(
            name=check.name,
            title=str(check.title),
            verdict=result.verdict,
            points=float(check.points) if passed else 0.0,
            max_points=float(check.points),
            message=result.message,
        )
        if not passed and result.output:
            report = msgspec.structs.replace(report, output=result.output)
        if result.verdict == "failed" and check.help is not None:
            report = msgspec.structs.replace(report, help=str(check.help))
        checks.append(report)
    for name in results:  # a test that the manifest does not know cannot be reported to a learner
        message = f"{name} is not among the checks of {exercise.folder / 'exercise.toml'}"
        checks.append(CheckReport(name, name, "error", 0.0, 0.0, message))
    return Report(
        schema=SCHEMA,
        exercise=exercise.key,
        slug=exercise.slug,
        verdict=verdict_of(checks),
        points=sum(check.points for check in checks),
        max_points=exercise.max_points,
        checks=checks,
        diagnosis=None,
        seconds=round(seconds, 3),
        device=device,
        seed=outcome.seed,
        isolation=confine.isolation(),
    )
