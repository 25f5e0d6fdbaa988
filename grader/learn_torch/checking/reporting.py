"""Make a report from a judge's outcome. The manifest gives titles, points and help; the judge gives the verdicts."""

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
from learn_torch.report import SCHEMA, Cause, CheckReport, Diagnosis, Report, Versions, verdict_of
from learn_torch.worker import confinement


def judged_on(exercise: Exercise, device: str = "") -> str:
    """The device of a report: the requested one, or the exercise's own if `device` is empty or `auto`.

    Raises:
        DeviceError: checks cannot run on this device; or it is the CPU and the exercise is about devices. On the CPU,
            tensors are never on the wrong device, so every solution would pass.
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
                "{exercise} is judged on CUDA, simulated if there is no card: a pass on the CPU would prove nothing"
            ).format(exercise=exercise.key),
            _("leave out --device, and remove `device` from learn.toml"),
        )
    return str(asked)


def report_of_check(check: CheckManifest, result: TestResult) -> CheckReport:
    """The report on one check by itself, in the current language."""
    passed = result.verdict == "passed"
    # What to think about is for a wrong value. An exception or a wrong type has nothing to do with it.
    helps = result.verdict == "failed" and not result.cause and check.help is not None
    message = result.message if passed else result.message or _("it failed, and there is no message")
    return CheckReport(
        name=check.name,
        title=str(check.title),
        verdict=result.verdict,
        points=float(check.points) if passed else 0.0,
        max_points=float(check.points),
        message=message,
        help=str(check.help) if helps else msgspec.UNSET,
        output=result.output if not passed and result.output else msgspec.UNSET,
        cause=result.cause or msgspec.UNSET,
    )


def make_report(
    exercise: Exercise, outcome: Outcome, *, source: bytes | None, file: str, device: str, seconds: float
) -> Report:
    """The report on a submission, in the current language. Its time is now.

    Args:
        exercise: the exercise of the submission.
        outcome: the judge's outcome.
        source: the submission's bytes; None if it could not be read.
        file: the name of its file.
        device: the device that it was judged on.
        seconds: how long that took.
    """
    results = {result.name: result for result in outcome.tests}
    reasons = {result.cause: result.reason or result.message for result in reversed(outcome.tests)}
    checks = []
    for check in exercise.manifest.checks:
        result = results.pop(check.name, None)
        if outcome.broken or result is None:
            reason = outcome.broken or _("the grader has no test of this name, or did not reach it")
            result = TestResult(check.name, "error", reason, "", cause="grader" if outcome.broken else "")
            reasons[result.cause] = reason
        checks.append(report_of_check(check, result))
    for name in results:  # without an entry in the manifest, a test has no title and no points
        message = f"{name} is not among the checks of {exercise.folder / 'exercise.toml'}"
        checks.append(CheckReport(name, name, "error", 0.0, 0.0, message))
    checks = _without_followers(exercise, checks)
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
        # If no worker was ever ready, the submission did not run.
        isolation=outcome.isolation or confinement.expected_isolation(processes=exercise.manifest.processes),
        file=harmless_line(file),
        sha256=None if source is None else hashlib.sha256(source).hexdigest(),
        at=datetime.now(UTC).replace(microsecond=0),
        versions=_versions(),
        grader=_digest(exercise),
        language=language(),
        causes=_shared(checks, reasons),
    )


def _without_followers(exercise: Exercise, checks: list[CheckReport]) -> list[CheckReport]:
    """The checks, where one that says nothing since another failed first says so.

    It says nothing only where it has nothing but a wrong value to tell: an exception may be a mistake of its own.
    """
    failed = {check.name: check for check in checks if check.verdict == "failed"}
    after = {check.name: check.after for check in exercise.manifest.checks}

    def follows(check: CheckReport) -> CheckReport | None:
        """The check that failed first."""
        if isinstance(check.cause, str):
            return None
        first = next((failed[name] for name in after.get(check.name, ()) if name in failed), None)
        return first and (follows(first) or first)

    found = []
    for check in checks:
        if check.name in failed and (first := follows(check)) is not None:
            message = _("not judged: `{title}` failed first").format(title=first.title)
            cause = f"after:{first.name}"
            check = msgspec.structs.replace(check, message=message, help=msgspec.UNSET, cause=cause)
        found.append(check)
    return found


def _shared(checks: list[CheckReport], reasons: dict[str, str]) -> list[Cause]:
    """The causes of more than one check, in the order of the checks."""
    names: dict[str, list[str]] = {}
    for check in checks:
        if isinstance(check.cause, str) and not check.cause.startswith("after:"):
            names.setdefault(check.cause, []).append(check.name)
    return [Cause(cause, reasons[cause], tuple(found)) for cause, found in names.items() if len(found) > 1]


def diagnosed(report: Report, diagnoses: tuple[Diagnosis, ...]) -> Report:
    """The report with its diagnoses. They say more than a check's help, which is left out then."""
    if not diagnoses:
        return report
    checks = tuple(msgspec.structs.replace(check, help=msgspec.UNSET) for check in report.checks)
    return msgspec.structs.replace(report, diagnosis=diagnoses[0], diagnoses=list(diagnoses), checks=checks)


def report_without_judge(
    exercise: Exercise,
    message: str,
    *,
    cause: str,
    source: bytes | None,
    file: str,
    device: str,
    seed: int,
    seconds: float,
) -> Report:
    """The report on a submission that no worker has to see: every check failed, with `message` as the reason.

    Args:
        exercise: as in `make_report`, and so are `source`, `file`, `device` and `seconds`.
        message: why every check failed.
        cause: the cause of each check; see `CheckReport`.
        source: see above.
        file: see above.
        device: see above.
        seed: the seed that the report names.
        seconds: see above.

    Raises:
        DeviceError: see `judged_on`.
    """
    device = judged_on(exercise, device)
    tests = [
        TestResult(check.name, "failed", message, "", cause=cause, reason=message)
        for check in exercise.manifest.checks
    ]
    return make_report(
        exercise, Outcome(seed, tests), source=source, file=file, device=device, seconds=seconds
    )


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
