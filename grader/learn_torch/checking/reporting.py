"""From a judge's outcome to a report: titles, points and help from the manifest, verdicts from the judge."""

from __future__ import annotations

import functools
import hashlib
import platform
from datetime import UTC, datetime
from importlib import metadata

import msgspec

import learn_torch
from learn_torch import devices
from learn_torch.course import CheckManifest, Exercise, grader_digest
from learn_torch.errors import DeviceError
from learn_torch.escaping import harmless_line
from learn_torch.judge.job import Outcome, TestResult
from learn_torch.language import _, language
from learn_torch.report import SCHEMA, CheckReport, Report, Versions, verdict_of
from learn_torch.worker import confinement


def judged_on(exercise: Exercise, device: str = "") -> str:
    """The device of a report: the one that is asked for, or, with none or `auto`, what the exercise asks for.

    Raises:
        DeviceError: it is no device that a check can have; or an exercise about devices was to be judged on the CPU,
            where tensors never lie in the wrong place.
    """
    try:
        asked = devices.parse(device or "auto")
        if asked.kind == "mps":
            raise ValueError(device)
    except ValueError as error:
        raise DeviceError(
            _("no such device: {name!r}").format(name=device), _("auto, cpu, simulated-cuda, cuda or cuda:1")
        ) from error
    if asked.kind == "auto":
        return exercise.manifest.device
    if asked.kind == "cpu" and exercise.manifest.device == "simulated-cuda":
        raise DeviceError(
            _(
                "{exercise} is judged on CUDA, simulated where there is no card: a pass on the CPU would be none"
            ).format(exercise=exercise.key),
            _("leave --device out, and take `device` out of learn.toml"),
        )
    return str(asked)


def report_of_check(check: CheckManifest, result: TestResult) -> CheckReport:
    """The report on one check, in the language in use."""
    passed = result.verdict == "passed"
    return CheckReport(
        name=check.name,
        title=str(check.title),
        verdict=result.verdict,
        points=float(check.points) if passed else 0.0,
        max_points=float(check.points),
        message=result.message,
        help=str(check.help) if result.verdict == "failed" and check.help is not None else msgspec.UNSET,
        output=result.output if not passed and result.output else msgspec.UNSET,
    )


def make_report(
    exercise: Exercise, outcome: Outcome, *, source: bytes | None, file: str, device: str, seconds: float
) -> Report:
    """The report on a submission whose verdict is there now, in the language in use.

    Args:
        exercise: what it is a submission for.
        outcome: what the judge says.
        source: the submission's bytes; None where it could not be read.
        file: its file's name.
        device: what it was judged on.
        seconds: how long that took.
    """
    results = {result.name: result for result in outcome.tests}
    checks = []
    for check in exercise.manifest.checks:
        result = results.pop(check.name, None)
        if outcome.broken or result is None:
            reason = outcome.broken or _("the grader has no test of this name, or did not get to it")
            result = TestResult(check.name, "error", reason, "")
        checks.append(report_of_check(check, result))
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
        checks=tuple(checks),
        diagnosis=None,
        seconds=round(seconds, 3),
        device=device,
        seed=outcome.seed,
        # Where no worker was ever ready nothing of the submission ran.
        isolation=outcome.isolation or confinement.expected_isolation(processes=exercise.manifest.processes),
        file=harmless_line(file),
        sha256=None if source is None else hashlib.sha256(source).hexdigest(),
        at=datetime.now(UTC).replace(microsecond=0),
        versions=_versions(),
        grader=_digest(exercise),
        language=language(),
    )


def refuse(
    exercise: Exercise, message: str, *, file: str, device: str = "", seed: int | None = None
) -> Report:
    """The report on a submission that could not be handed to a worker at all: every check failed, and why.

    Raises:
        DeviceError: see `judged_on`.
    """
    tests = [TestResult(check.name, "failed", message, "") for check in exercise.manifest.checks]
    outcome = Outcome(seed or 0, tests)
    device = judged_on(exercise, device)
    return make_report(exercise, outcome, source=None, file=file, device=device, seconds=0.0)


@functools.cache
def _versions() -> Versions:
    try:
        torch = metadata.version("torch")  # importing it takes a second
    except metadata.PackageNotFoundError:
        torch = None
    return Versions(learn_torch.__version__, torch, platform.python_version())


def _digest(exercise: Exercise) -> str | None:
    try:
        return grader_digest(exercise)
    except OSError:
        return None
