"""Verify by running: right solutions must pass, and mistakes must fail and be diagnosed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from learn_torch.authoring import disguise
from learn_torch.authoring.bench import Bench
from learn_torch.authoring.disguise import Disguise
from learn_torch.authoring.findings import Finding, finding
from learn_torch.authoring.mistakes import Mistake
from learn_torch.authoring.plan import DEVICES, Plan
from learn_torch.authoring.wrong_types import WrongTypes
from learn_torch.course import Exercise
from learn_torch.diagnosis import matching as diagnosis
from learn_torch.diagnosis.matching import SEED, KnownMistake, known_mistake, recognise
from learn_torch.judge.job import Outcome
from learn_torch.judge.tracing import CheckTrace


@dataclass
class Behaviour:
    """The results for one exercise.

    Args:
        findings: what must be fixed.
        right: how many solutions pass.
        mistakes: how many mistakes fail and are diagnosed as themselves.
        known: the mistakes that can be recognised, with their traces.
        failed: the checks that at least one mistake fails.
        reference: the outcomes of the reference on the exercise's own device.
    """

    findings: list[Finding] = field(default_factory=list)
    right: int = 0
    mistakes: int = 0
    known: list[KnownMistake] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)
    reference: list[Outcome] = field(default_factory=list)


async def behave(plan: Plan, bench: Bench) -> Behaviour:
    """Run an exercise's stub, solutions, mistakes and wrong types, all at once."""
    result = Behaviour()
    disguised = asyncio.ensure_future(_find_disguise(plan, bench))
    stub, right, mistakes, spoilt, (_dress, names) = await asyncio.gather(
        _check_stub(plan, bench),
        asyncio.gather(*(_check_right(plan, path, bench) for path in plan.solutions.right)),
        asyncio.gather(*(_try(plan, mistake, disguised, bench) for mistake in plan.solutions.mistakes)),
        asyncio.gather(*(_check_wrong_types(plan, one, bench) for one in plan.spoilt)),
        disguised,
    )
    result.findings += [*stub, *names]
    for path, (findings, outcomes) in zip(plan.solutions.right, right, strict=True):
        result.findings += findings
        result.right += not findings
        if path == plan.solutions.reference:
            result.reference = outcomes
    _gather_mistakes(plan.exercise, mistakes, result)
    result.findings += [one for findings in spoilt for one in findings]
    return result


# --- the stub and right solutions ------------------------------------------------------------------------------------


async def _check_stub(plan: Plan, bench: Bench) -> list[Finding]:
    exercise = plan.exercise
    if not exercise.stub.is_file():
        return []
    source = exercise.stub.read_bytes()
    points = {check.name: check.points for check in exercise.manifest.checks}
    devices = plan.devices(card=False)
    findings: list[Finding] = []
    runs = [bench.examine(exercise, source, [0], what="stub", device=device) for device in devices]
    for device, (outcome,) in zip(devices, await asyncio.gather(*runs), strict=True):
        findings += _broken(exercise, outcome, exercise.stub.name)
        for test in outcome.tests:
            if test.verdict == "passed" and points.get(test.name, 0):
                message = f"{test.name} passes with the stub, on {device}, and has points"
                findings.append(finding(exercise.key, "stub", message, exercise.stub))
            elif test.verdict == "failed" and "NotImplementedError" not in test.message:
                message = f"{test.name} fails, but not because of a TODO, on {device}:\n{test.message}"
                findings.append(finding(exercise.key, "stub", message, exercise.stub))
    return findings


async def _check_right(plan: Plan, path: Path, bench: Bench) -> tuple[list[Finding], list[Outcome]]:
    """The findings about a right solution, and its outcomes on the exercise's own device."""
    exercise, source = plan.exercise, path.read_bytes()
    rule = "reference" if path == plan.solutions.reference else "alternative"
    what = rule if rule == "reference" else f"{rule} {path.stem}"
    often = bench.seeds.reference if rule == "reference" else bench.seeds.alternatives
    own, *others = plan.devices(card=bench.with_card is not None)
    seeds = {own: often, **dict.fromkeys(others, bench.seeds.elsewhere)}
    outcomes = await asyncio.gather(
        *(
            bench.examine(exercise, source, range(number), what=what, device=device)
            for device, number in seeds.items()
        )
    )
    findings: list[Finding] = []
    for device, found in zip(seeds, outcomes, strict=True):
        findings += _failures(exercise, path, rule, device, found)
    return findings, outcomes[0]


def _failures(
    exercise: Exercise, path: Path, rule: str, device: str, outcomes: Sequence[Outcome]
) -> Iterator[Finding]:
    failures = [outcome for outcome in outcomes if verdict_on(exercise, outcome) != "passed"]
    if not failures:
        return
    yield from _broken(exercise, failures[0], path.name)
    seeds = len(outcomes)
    often = f"with {len(failures)} of {seeds} seeds" if len(failures) < seeds else "with every seed"
    for test in failures[0].tests:
        if test.verdict != "passed":
            message = (
                f"{test.name} {test.verdict} on {device}, seed {failures[0].seed}, {often}:\n{test.message}"
            )
            yield finding(exercise.key, rule, message, path)


async def _find_disguise(plan: Plan, bench: Bench) -> tuple[Disguise, list[Finding]]:
    """Find out with the reference, which has to stay right, what may change in a submission."""
    exercise, reference = plan.exercise, plan.solutions.reference
    if not reference.is_file():
        return Disguise(frozenset(), frozenset()), []
    source, kept = reference.read_text("utf-8-sig"), disguise.names_in(exercise)

    async def run(changed: str, what: str) -> Outcome:
        (outcome,) = await bench.examine(exercise, changed.encode(), [SEED], what=what, first_failure=True)
        return outcome

    pairs = disguise.swaps(source)
    renamed, *reordered = await asyncio.gather(
        run(disguise.renamed(source, kept), "reference, renamed"),
        *(run(disguise.reordered(source, [pair]), "reference, reordered") for pair in pairs),
    )
    findings = []
    if failed := noticed(renamed):
        message = (
            f"{failed[0]} fails where only private names of the reference are others: "
            f"the statement has to name what the grader uses"
        )
        findings.append(finding(exercise.key, "names", message, exercise.grader))
    fine = [
        pair
        for pair, outcome in zip(pairs, reordered, strict=True)
        if verdict_on(exercise, outcome) == "passed"
    ]
    return Disguise(kept, frozenset(fine)), findings


# --- mistakes --------------------------------------------------------------------------------------------------------


@dataclass
class _Tried:
    """The results for one mistake.

    Args:
        mistake: the mistake.
        findings: the findings about this mistake alone.
        failed: the checks that noticed it.
        failed_at_all: these checks and those that ran out of time.
        known: the mistake with its traces; None if nothing distinguishes it from right code.
        again: the traces of the same mistake in disguise, in the checks that fail with another seed, made like those of
            a learner's submission.
    """

    mistake: Mistake
    findings: list[Finding] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    failed_at_all: list[str] = field(default_factory=list)
    known: KnownMistake | None = None
    again: dict[str, CheckTrace] = field(default_factory=dict)


async def _try(
    plan: Plan,
    mistake: Mistake,
    disguised: asyncio.Future[tuple[Disguise, list[Finding]]],
    bench: Bench,
) -> _Tried:
    """Run one mistake."""
    exercise = plan.exercise
    if not bench.seeds.anew and (stored := plan.stored(mistake)) is not None:
        return await _try_again(exercise, mistake, stored, bench)
    what = f"mistake {mistake.label}"
    (outcome,) = await bench.examine(exercise, mistake.source, [SEED], what=what, traced=True)
    tried = _Tried(mistake, failed=noticed(outcome), failed_at_all=_failed(outcome))
    tried.findings += [*_broken(exercise, outcome, mistake.name), *_silent(exercise, outcome, mistake)]
    worth = [name for name in tried.failed if name in _worth_points(exercise)]
    if verdict_on(exercise, outcome) == "passed":
        message = f"it passes, with seed {SEED}"
        tried.findings.append(_about(exercise, mistake, "mistake", message))
        return tried
    if not worth and any(test.verdict == "failed" for test in outcome.tests):
        message = f"only its running out of time distinguishes it from right code, with seed {SEED}"
        tried.findings.append(_about(exercise, mistake, "mistake", message))
        return tried
    if worth:
        other_dress, _findings = await disguised
        tried.again, _none = await asyncio.gather(
            _traces_of(exercise, other_dress.of(mistake.source), tried.failed_at_all, what, bench),
            _try_other_seeds(exercise, tried, worth, bench),
        )
    tried.known = known_mistake(mistake.name, mistake.sentence, outcome.traces, tried.again, mistake.source)
    return tried


async def _try_again(exercise: Exercise, mistake: Mistake, stored: KnownMistake, bench: Bench) -> _Tried:
    """Run a mistake whose traces are there already: the grader has to notice it with other seeds, too."""
    known = msgspec.structs.replace(stored, sentence=mistake.sentence)
    failed = list(known.checks)
    tried = _Tried(mistake, failed=failed, failed_at_all=failed, known=known, again=known.checks)
    worth = [name for name in failed if name in _worth_points(exercise)]
    await _try_other_seeds(exercise, tried, worth or _worth_points(exercise), bench)
    return tried


async def _try_other_seeds(exercise: Exercise, tried: _Tried, worth: list[str], bench: Bench) -> None:
    """Find out whether the mistake fails with every seed. The first of several ways shows it.

    Only the checks that failed before run again; if none of them fails now, the other checks with points run, too.
    """
    mistake, own, what = tried.mistake, exercise.manifest.device, f"mistake {tried.mistake.label}"

    async def unnoticed(seeds: Sequence[int], device: str, only: list[str]) -> list[int]:
        outcomes = await bench.examine(
            exercise, mistake.source, seeds, what=what, device=device, only=only, first_failure=True
        )
        return [seed for seed, outcome in zip(seeds, outcomes, strict=True) if not noticed(outcome)]

    if mistake.way > 1:
        return
    # A mistake about devices does not show on the CPU.
    elsewhere = [name for name in DEVICES if name != own] if bench.seeds.everything and own == "cpu" else []
    later, *others = await asyncio.gather(
        unnoticed(range(SEED + 1, bench.seeds.mistakes), own, worth),
        *(unnoticed([SEED], device, worth) for device in elsewhere),
    )
    for device, seeds in zip((own, *elsewhere), (later, *others), strict=True):
        if seeds and worth != _worth_points(exercise):
            seeds = await unnoticed(seeds, device, _worth_points(exercise))
        if seeds:
            some = ", ".join(map(str, seeds[:5])) + (", …" if len(seeds) > 5 else "")
            message = f"it passes on {device}, with the seeds {some}"
            tried.findings.append(_about(exercise, mistake, "mistake", message))


async def _traces_of(
    exercise: Exercise, source: bytes, only: list[str], what: str, bench: Bench
) -> dict[str, CheckTrace]:
    """The traces of these checks, made as for the diagnosis of a learner's submission."""
    limit = diagnosis.time_limit(exercise)
    (outcome,) = await bench.examine(
        exercise, source, [SEED], what=what, only=only, traced=True, time_limit=limit
    )
    return outcome.traces


def _about(exercise: Exercise, mistake: Mistake, rule: str, message: str) -> Finding:
    """A finding about one mistake of many in a file."""
    return finding(exercise.key, rule, f"{mistake.label}: {message}", mistake.path, mistake.line)


def _gather_mistakes(exercise: Exercise, tried: list[_Tried], result: Behaviour) -> None:
    result.known = [one.known for one in tried if one.known is not None]
    for one in tried:
        result.failed.update(one.failed)
        result.findings += one.findings
    for one in tried:
        if one.known is None:
            continue
        found = recognise(one.again, result.known)
        if [other.sentence for other in found] == [one.known.sentence]:
            result.mistakes += 1
        else:
            message = _why_not_diagnosed(one.known, found, result.known)
            result.findings.append(_about(exercise, one.mistake, "diagnosis", message))


def _why_not_diagnosed(
    mistake: KnownMistake, found: Sequence[KnownMistake], all_known: Sequence[KnownMistake]
) -> str:
    if not mistake.checks:
        return (
            "it cannot be diagnosed: in every check that it fails, time runs out, something is not written, "
            "or the answers depend on more than the seed"
        )
    if found:
        return f"it is diagnosed as {', '.join(other.name for other in found)}"
    alike = [
        other.name
        for other in all_known
        if other.sentence != mistake.sentence and recognise(mistake.checks, [other])
    ]
    if alike:
        return f"it gives the same answers as mistakes with other sentences: {', '.join(alike)}"
    return "it is not diagnosed: its answers depend on more than the seed"


# --- wrong types -----------------------------------------------------------------------------------------------------


async def _check_wrong_types(plan: Plan, one: WrongTypes, bench: Bench) -> list[Finding]:
    exercise = plan.exercise
    (outcome,) = await bench.examine(
        exercise,
        one.source.encode(),
        [0],
        what=f"reference: {one.what}",
        first_failure=not bench.seeds.everything,  # errors after the first failure are found by `--thorough`
    )
    findings = list(_silent(exercise, outcome, one))
    for test in outcome.tests:
        if test.verdict == "error":
            message = f"where {one.what}, {test.name} is an error instead of a failure:\n{test.message}"
            findings.append(finding(exercise.key, "wrong-types", message, exercise.grader))
    if verdict_on(exercise, outcome) == "passed":
        message = f"where {one.what}, every check passes"
        findings.append(finding(exercise.key, "wrong-types", message, exercise.grader))
    return findings


# --- what an outcome says --------------------------------------------------------------------------------------------


def noticed(outcome: Outcome) -> list[str]:
    """The checks that failed. Running out of time does not count: on a busy machine, right code could do so, too."""
    return [
        test.name
        for test in outcome.tests
        if test.verdict == "failed" and test.lost not in ("time", "no time left")
    ]


def _failed(outcome: Outcome) -> list[str]:
    """The checks that are reported as failed, for any reason."""
    return [test.name for test in outcome.tests if test.verdict == "failed"]


def _worth_points(exercise: Exercise) -> list[str]:
    """The checks with points. The others do not decide the verdict."""
    return [check.name for check in exercise.manifest.checks if check.points]


def verdict_on(exercise: Exercise, outcome: Outcome) -> str:
    """The verdict of a report on this outcome: `passed`, `failed` or `error`."""
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
