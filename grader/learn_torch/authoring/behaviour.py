"""What can only be found out by running: what is right passes, what is wrong fails and is told what it did."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from learn_torch.authoring.checkers import Checkers, Task
from learn_torch.authoring.findings import Finding, finding
from learn_torch.authoring.mistakes import Mistake
from learn_torch.authoring.solutions import Solutions
from learn_torch.authoring.wrong_types import WrongTypes, wrong_types_of
from learn_torch.checking.checker import Checker
from learn_torch.course import Exercise
from learn_torch.diagnosis import matching as diagnosis
from learn_torch.diagnosis.comparing import alike
from learn_torch.diagnosis.matching import SEED, KnownMistake, known_mistake, match, read_traces, write_traces
from learn_torch.errors import in_a_line
from learn_torch.files import write_atomically
from learn_torch.judge.job import Outcome

Result = TypeVar("Result")
OTHER_DEVICE_SEEDS = 5
"""On a device that is not the exercise's own, what is right is checked with this many seeds, at most."""


@dataclass
class Bench:
    """Where submissions are run: the checkers, how many seeds, and who is told of every run.

    Args:
        checkers: see no card.
        with_card: see the card, where there is one.
        seeds: with how many seeds each solution is checked.
        done: called after every run.
    """

    checkers: Checkers
    with_card: Checkers | None
    seeds: int
    done: Callable[[], None]

    def map(self, tasks: Iterable[Task[Result]], *, card: bool = False) -> list[Result]:
        """Do all tasks, as many at a time as there are checkers."""
        checkers = self.with_card if card and self.with_card else self.checkers
        results = []
        for result in checkers.map(tasks):
            results.append(result)
            self.done()
        return results

    def devices(self, exercise: Exercise) -> list[tuple[str, int]]:
        """The devices that an exercise is checked on, its own first, and with how many seeds."""
        own = exercise.manifest.device
        others = [name for name in ("cpu", "simulated-cuda") if name != own]
        few = min(self.seeds, OTHER_DEVICE_SEEDS)
        return [
            (own, self.seeds),
            *((name, few) for name in others),
            *([("cuda:0", few)] if self.with_card else []),
        ]


@dataclass
class Behaviour:
    """What was found out about one exercise.

    Args:
        findings: what has to be mended.
        right: how many solutions pass.
        mistakes: how many mistakes fail, and are diagnosed as themselves.
        failed: the checks that some mistake fails.
        seconds: what the reference's check takes.
    """

    findings: list[Finding] = field(default_factory=list)
    right: int = 0
    mistakes: int = 0
    failed: set[str] = field(default_factory=set)
    seconds: float = 0.0


def behave(exercise: Exercise, bench: Bench) -> Behaviour:
    """Run an exercise's stub, solutions, mistakes and spoilt references; keep the traces of the mistakes."""
    solutions = Solutions.of(exercise)
    result = Behaviour()
    result.findings += _check_stub(exercise, bench)
    result.right, findings = _check_right(exercise, solutions, bench)
    result.findings += findings
    known = _check_mistakes(exercise, solutions, bench, result)
    _check_diagnoses(exercise, known, bench, result)
    result.findings += _check_wrong_types(exercise, solutions, bench)
    result.findings += _keep_traces(exercise, list(known.values()))
    return result


def measure(exercise: Exercise, checker: Checker) -> float:
    """Seconds that a check of the reference takes from a ready engine, nothing beside it: the least of three."""
    source = Solutions.of(exercise).reference.read_bytes()
    checker.check(exercise, source)
    seconds = []
    for _round in range(3):
        started = time.perf_counter()
        checker.check(exercise, source)
        seconds.append(time.perf_counter() - started)
    return min(seconds)


# --- the stub and what is right --------------------------------------------------------------------------------------


def _check_stub(exercise: Exercise, bench: Bench) -> Iterator[Finding]:
    if not exercise.stub.is_file():
        return
    source = exercise.stub.read_bytes()
    points = {check.name: check.points for check in exercise.manifest.checks}
    devices = [device for device, _seeds in bench.devices(exercise) if device != "cuda:0"]
    tasks = [partial(_examine, exercise, source, device, 0) for device in devices]
    for device, outcome in zip(devices, bench.map(tasks), strict=True):
        yield from _broken(exercise, outcome, exercise.stub.name)
        for test in outcome.tests:
            if test.verdict == "passed" and points.get(test.name, 0):
                message = f"{test.name} passes with the stub, on {device}, and has points"
                yield finding(exercise.key, "stub", message, exercise.stub)
            elif test.verdict == "failed" and "NotImplementedError" not in test.message:
                message = f"{test.name} fails otherwise than by a TODO, on {device}:\n{test.message}"
                yield finding(exercise.key, "stub", message, exercise.stub)


def _check_right(exercise: Exercise, solutions: Solutions, bench: Bench) -> tuple[int, list[Finding]]:
    findings: list[Finding] = []
    passed = 0
    for path in solutions.right:
        rule = "reference" if path == solutions.reference else "alternative"
        found = list(_runs_that_fail(exercise, path, bench, rule))
        passed += not found
        findings += found
    return passed, findings


def _runs_that_fail(exercise: Exercise, path: Path, bench: Bench, rule: str) -> Iterator[Finding]:
    source = path.read_bytes()
    for device, seeds in bench.devices(exercise):
        tasks = [partial(_examine, exercise, source, device, seed) for seed in range(seeds)]
        outcomes = bench.map(tasks, card=device == "cuda:0")
        failures = [outcome for outcome in outcomes if verdict_on(exercise, outcome) != "passed"]
        if not failures:
            continue
        yield from _broken(exercise, failures[0], path.name)
        often = f"with {len(failures)} of {seeds} seeds" if len(failures) < seeds else "with every seed"
        for test in failures[0].tests:
            if test.verdict != "passed":
                message = f"{test.name} {test.verdict} on {device}, seed {failures[0].seed}, {often}:\n{test.message}"
                yield finding(exercise.key, rule, message, path)


# --- mistakes --------------------------------------------------------------------------------------------------------


def _check_mistakes(
    exercise: Exercise, solutions: Solutions, bench: Bench, result: Behaviour
) -> dict[Mistake, KnownMistake]:
    known = {}
    traced = [
        partial(_trace, exercise, mistake.source, exercise.manifest.device) for mistake in solutions.mistakes
    ]
    failing: dict[Mistake, list[str]] = {}
    for mistake, outcome in zip(solutions.mistakes, bench.map(traced), strict=True):
        result.findings += _broken(exercise, outcome, mistake.name)
        failed = noticed(outcome)
        failing[mistake] = [name for name in failed if name in _worth_points(exercise)]
        result.failed.update(failed)
        result.findings += _silent(exercise, outcome, mistake)
        if verdict_on(exercise, outcome) == "passed":
            result.findings.append(_about(exercise, mistake, "mistake", f"it passes, with seed {SEED}"))
        elif not failing[mistake] and any(test.verdict == "failed" for test in outcome.tests):
            message = f"nothing tells it from right code but that it runs out of time, with seed {SEED}"
            result.findings.append(_about(exercise, mistake, "mistake", message))
        else:
            known[mistake] = known_mistake(mistake.name, mistake.sentence, outcome.traces)
    result.findings += _mistakes_that_pass(
        exercise, [mistake for mistake in known if failing[mistake]], failing, bench
    )
    return known


def _mistakes_that_pass(
    exercise: Exercise, mistakes: Sequence[Mistake], failing: dict[Mistake, list[str]], bench: Bench
) -> Iterator[Finding]:
    # One of devices cannot be seen on the CPU.
    own: str = exercise.manifest.device
    elsewhere = ["simulated-cuda"] if own == "cpu" else []
    runs = [(mistake, own, seed) for mistake in mistakes for seed in range(SEED + 1, bench.seeds)]
    runs += [(mistake, device, SEED) for mistake in mistakes for device in elsewhere]
    tasks = [
        partial(_fails, exercise, mistake.source, device, seed, failing[mistake])
        for mistake, device, seed in runs
    ]
    passing: dict[tuple[Mistake, str], list[int]] = {}
    for (mistake, device, seed), fails in zip(runs, bench.map(tasks), strict=True):
        if not fails:
            passing.setdefault((mistake, device), []).append(seed)
    for (mistake, device), seeds in passing.items():
        some = ", ".join(map(str, seeds[:5])) + (", …" if len(seeds) > 5 else "")
        yield _about(exercise, mistake, "mistake", f"it passes on {device}, with the seeds {some}")


def _about(exercise: Exercise, mistake: Mistake, rule: str, message: str) -> Finding:
    """A finding about one mistake of many in a file."""
    return finding(exercise.key, rule, f"{mistake.name}: {message}", mistake.path, mistake.line)


def _fails(
    exercise: Exercise, source: bytes, device: str, seed: int, failing: Sequence[str], checker: Checker
) -> bool:
    """Whether it fails one of the checks that it failed before, or at least some other."""
    for only in (failing, _worth_points(exercise)):
        outcome = checker.examine(exercise, source, device=device, seed=seed, only=only, first_failure=True)
        if noticed(outcome):
            return True
    return False


def noticed(outcome: Outcome) -> list[str]:
    """The checks that failed. One whose time ran out noticed nothing: on a busy machine right code could end so."""
    return [
        test.name
        for test in outcome.tests
        if test.verdict == "failed" and test.lost not in ("time", "no time left")
    ]


def _worth_points(exercise: Exercise) -> list[str]:
    """The checks that carry points: by the others, nobody fails."""
    return [check.name for check in exercise.manifest.checks if check.points]


def _check_diagnoses(
    exercise: Exercise, known: dict[Mistake, KnownMistake], bench: Bench, result: Behaviour
) -> None:
    mistakes = tuple(known.values())
    tasks = [partial(_diagnosed, exercise, mistake.source, mistakes) for mistake in known]
    for (mistake, known_as), found in zip(known.items(), bench.map(tasks), strict=True):
        if found is not None and found.sentence == known_as.sentence:
            result.mistakes += 1
            continue
        alike = [
            other.name
            for other in mistakes
            if other.sentence != known_as.sentence and match(known_as.checks, [other]) is not None
        ]
        if not known_as.checks:
            message = "every check that it fails runs out of time, or is not written: it cannot be diagnosed"
        elif found is not None:
            message = f"it is diagnosed as {found.name}"
        elif alike:
            message = f"it answers as others do, whose sentences differ: {', '.join(alike)}"
        else:
            message = "it is not diagnosed: what it answers at one seed depends on more than the seed"
        result.findings.append(_about(exercise, mistake, "diagnosis", message))


def _diagnosed(
    exercise: Exercise, source: bytes, mistakes: tuple[KnownMistake, ...], checker: Checker
) -> KnownMistake | None:
    """What a learner with this submission would be told."""
    outcome = checker.examine(exercise, source, seed=SEED + 1)
    failed = [test.name for test in outcome.tests if test.verdict == "failed"]
    limit = diagnosis.time_limit(exercise)
    again = checker.examine(exercise, source, seed=SEED, only=failed, traced=True, time_limit=limit)
    return match(again.traces, mistakes)


def _keep_traces(exercise: Exercise, mistakes: list[KnownMistake]) -> Iterator[Finding]:
    """Write the traces, where those that are there say something else: their last digits differ between machines."""
    before = read_traces(exercise) if exercise.grader.is_file() else None
    same = (
        before is not None
        and len(before.mistakes) == len(mistakes)
        and all(map(_same_mistake, before.mistakes, mistakes))
    )
    if same or not exercise.solutions.is_dir():  # a student's edition has traces, and nothing to make them of
        return
    try:
        if not mistakes:
            exercise.traces.unlink(missing_ok=True)
            return
        exercise.traces.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(exercise.traces, write_traces(exercise, mistakes))
    except OSError as error:
        message = f"the traces are stale and cannot be written: {in_a_line(error)}"
        yield finding(exercise.key, "diagnosis", message, exercise.traces)


def _same_mistake(one: KnownMistake, other: KnownMistake) -> bool:
    return (one.name, one.sentence, one.checks.keys()) == (
        other.name,
        other.sentence,
        other.checks.keys(),
    ) and all(alike(trace, other.checks[check]) for check, trace in one.checks.items())


# --- wrong types -----------------------------------------------------------------------------------------------------


def _check_wrong_types(exercise: Exercise, solutions: Solutions, bench: Bench) -> Iterator[Finding]:
    if not solutions.reference.is_file():
        return
    source = solutions.reference.read_text("utf-8")
    excused = {(entry.statement, entry.becomes) for entry in solutions.equivalent_mutants()}
    spoilt = [
        one
        for one in wrong_types_of(source, exercise.manifest.functions)
        if (one.place, one.kind) not in excused
    ]
    tasks = [partial(_examine, exercise, one.source.encode(), exercise.manifest.device, 0) for one in spoilt]
    for one, outcome in zip(spoilt, bench.map(tasks), strict=True):
        yield from _silent(exercise, outcome, one)
        for test in outcome.tests:
            if test.verdict == "error":
                message = f"where {one.what}, {test.name} is an error instead of a failure:\n{test.message}"
                yield finding(exercise.key, "wrong-types", message, exercise.grader)
        if verdict_on(exercise, outcome) == "passed":
            yield finding(
                exercise.key, "wrong-types", f"where {one.what}, every check passes", exercise.grader
            )


# --- running ---------------------------------------------------------------------------------------------------------


def _examine(exercise: Exercise, source: bytes, device: str, seed: int, checker: Checker) -> Outcome:
    return checker.examine(exercise, source, device=device, seed=seed)


def _trace(exercise: Exercise, source: bytes, device: str, checker: Checker) -> Outcome:
    return checker.examine(exercise, source, device=device, seed=SEED, traced=True)


def verdict_on(exercise: Exercise, outcome: Outcome) -> str:
    """What a learner would be told in one word: `passed`, `failed`, or `error`."""
    verdicts = {test.name: test.verdict for test in outcome.tests}
    worth = [verdicts.get(check.name, "error") for check in exercise.manifest.checks if check.points]
    if outcome.broken or "error" in verdicts.values() or "error" in worth:
        return "error"
    return "passed" if set(worth) <= {"passed"} else "failed"


def _broken(exercise: Exercise, outcome: Outcome, what: str) -> Iterator[Finding]:
    if outcome.broken:
        yield finding(exercise.key, "grader", f"with {what}: {outcome.broken}", exercise.grader)
    names = {check.name for check in exercise.manifest.checks}
    for test in outcome.tests:
        if test.name not in names:
            message = f"{test.name} is not among the checks of the manifest"
            yield finding(exercise.key, "grader", message, exercise.grader)
    for name in sorted(names - {test.name for test in outcome.tests}):
        if not outcome.broken:
            yield finding(exercise.key, "grader", f"it has no test {name}", exercise.grader)


def _silent(exercise: Exercise, outcome: Outcome, wrong: Mistake | WrongTypes) -> Iterator[Finding]:
    for test in outcome.tests:
        if test.verdict == "error" and isinstance(wrong, Mistake):
            message = f"{test.name} is an error instead of a failure:\n{test.message}"
            yield _about(exercise, wrong, "mistake", message)
        if test.verdict == "failed" and not test.message.strip():
            where = f"with {wrong.name}" if isinstance(wrong, Mistake) else f"where {wrong.what}"
            yield finding(
                exercise.key, "grader", f"{where}, {test.name} fails without a message", exercise.grader
            )
