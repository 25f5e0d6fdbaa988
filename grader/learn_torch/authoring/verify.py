"""`learn verify`: test the graders of exercises in every way that can be automated."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec import Struct

from learn_torch.authoring import behaviour, mutation, recognition, texts
from learn_torch.authoring.behaviour import Behaviour
from learn_torch.authoring.bench import Bench, Watcher
from learn_torch.authoring.budget import check_budget, seconds_of
from learn_torch.authoring.cache import OutcomeCache
from learn_torch.authoring.checkers import Checkers
from learn_torch.authoring.findings import Finding, finding
from learn_torch.authoring.mutants import Mutant
from learn_torch.authoring.mutation import Mutation
from learn_torch.authoring.parsing import check_parsing
from learn_torch.authoring.plan import Plan, Seeds, shard
from learn_torch.authoring.traces import check_traces
from learn_torch.course import Catalogue, Exercise
from learn_torch.errors import ManifestError
from learn_torch.language import language


class Survivor(Struct, frozen=True):
    """A mutant that no check noticed."""

    statement: str
    becomes: str
    diff: str


class Verified(Struct, frozen=True):
    """The result for one exercise.

    `mutants` is the number of mutants to notice, null if none were made. `seconds` is the processor time that a check
    of the reference takes, 0 if it is not known.
    """

    exercise: str
    slug: str
    right: int
    mistakes: int
    seconds: float
    findings: list[Finding]
    mutants: int | None = None
    killed: int | None = None
    equivalent: int | None = None
    hung: int | None = None
    survivors: list[Survivor] = []


class VerifyReport(Struct, frozen=True):
    """What `learn verify --json` prints.

    `findings` holds the findings of all exercises and of whole tracks. `ran` counts the runs that were made, `kept` the
    runs that were skipped because an earlier outcome was cached.
    """

    exercises: list[Verified]
    findings: list[Finding]
    score: float | None
    schema: int = 1
    ran: int = 0
    kept: int = 0


class Verifier:
    """Verifies exercises. Findings are in the language that is current when this object is made.

    Args:
        catalogue: all exercises, because an exercise may require one of another course.
        checkers: run the submissions.
        with_card: run right solutions on a CUDA card as well, if there is one.
        seeds: how many seeds each kind of submission gets.
        mutants: also make mutants.
        measured: report checks that exceed their time budget.
        write: update stale traces; otherwise they are a finding.
        cache: stores outcomes and gives those of earlier runs.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        checkers: Checkers,
        with_card: Checkers | None = None,
        *,
        seeds: Seeds | None = None,
        mutants: bool = False,
        measured: bool = True,
        write: bool = False,
        cache: OutcomeCache | None = None,
    ) -> None:
        self._catalogue, self._checkers, self._with_card = catalogue, checkers, with_card
        self._seeds = seeds or Seeds()
        self._mutants, self._measured = mutants, measured
        self._write, self._cache, self._lang = write, cache, language()

    def runs(self, exercises: Sequence[Exercise]) -> int:
        """How many runs these exercises take if there are no findings."""
        plans = map(self._plan, exercises)
        card = self._with_card is not None
        return sum(plan.runs(self._seeds, card=card) for plan in plans if isinstance(plan, Plan))

    def shard(self, exercises: Sequence[Exercise], which: int, of: int) -> list[Exercise]:
        """The exercises of one shard, the same on every machine. Shards are numbered from 1."""
        plans = [plan if isinstance(plan, Plan) else None for plan in map(self._plan, exercises)]
        return [exercises[number] for number in shard(plans, self._seeds, which, of)]

    def verify(self, exercises: Sequence[Exercise], watcher: Watcher) -> VerifyReport:
        """Verify exercises and their tracks.

        Args:
            exercises: the exercises.
            watcher: receives the progress.

        Raises:
            EngineError: the processes could not be started.
        """
        bench = Bench(
            self._checkers,
            self._with_card,
            self._seeds,
            watcher,
            self._lang,
            self._cache,
            {exercise.key: turn for turn, exercise in enumerate(exercises)},
        )
        try:
            verified = asyncio.run(self._all(exercises, bench))
        finally:
            if self._cache is not None:
                self._cache.prune()
        tracks = {exercise.track.id: exercise.track for exercise in exercises}
        findings = [one for track in tracks.values() for one in texts.check_track(track, self._catalogue)]
        findings += [one for exercise in verified for one in exercise.findings]
        return VerifyReport(verified, findings, _score(verified), ran=bench.ran, kept=bench.kept)

    async def _all(self, exercises: Sequence[Exercise], bench: Bench) -> list[Verified]:
        return await asyncio.gather(*(self._exercise(exercise, bench) for exercise in exercises))

    def _plan(self, exercise: Exercise) -> Plan | SyntaxError | UnicodeDecodeError | ManifestError:
        try:
            return Plan.of(exercise, mutants=self._mutants)
        except (SyntaxError, UnicodeDecodeError, ManifestError) as error:
            return error

    async def _exercise(self, exercise: Exercise, bench: Bench) -> Verified:
        findings = [*texts.check_exercise(exercise), *check_parsing(exercise)]
        plan = self._plan(exercise)
        if not isinstance(plan, Plan):
            if not isinstance(plan, ManifestError):  # errors of a manifest are among the findings already
                message = f"not valid Python: {plan}"
                findings.append(finding(exercise.key, "reference", message, exercise.solutions))
            return _verified(exercise, findings, Behaviour(), None)
        found, recognisable, mutated = await asyncio.gather(
            behaviour.behave(plan, bench),
            recognition.check_recognisable(plan, bench),
            _mutated(plan, bench),
        )
        findings += found.findings
        findings += check_traces(exercise, found.known, write=self._write)
        findings += recognisable
        if mutated is not None:
            findings += mutation.check_score(exercise, mutated)
        findings += mutation.check_equivalents(exercise)
        findings += await _idle_checks(plan, bench, found, mutated)
        if self._measured:
            findings += check_budget(exercise, found.reference)
        return _verified(exercise, findings, found, mutated)


async def _mutated(plan: Plan, bench: Bench) -> Mutation | None:
    return None if plan.mutants is None else await mutation.mutate(plan, bench)


async def _idle_checks(plan: Plan, bench: Bench, found: Behaviour, mutated: Mutation | None) -> list[Finding]:
    """Report checks that no wrong solution fails."""
    exercise = plan.exercise
    idle = {check.name for check in exercise.manifest.checks} - found.failed
    what = "notices no mistake"
    if mutated is not None:
        idle -= mutated.failed
        if idle:  # mutants stopped at their first failed check: run them on these checks, too
            idle -= await mutation.failed_by_mutants(plan, bench, idle)
        what = "notices no mistake and no mutant"
    if not plan.solutions.mistakes:
        return []
    return [finding(exercise.key, "check", f"{name} {what}", exercise.grader) for name in sorted(idle)]


def _verified(
    exercise: Exercise, findings: list[Finding], found: Behaviour, mutated: Mutation | None
) -> Verified:
    return Verified(
        exercise=exercise.key,
        slug=exercise.slug,
        right=found.right,
        mistakes=found.mistakes,
        seconds=round(seconds_of(found.reference), 3),
        findings=findings,
        mutants=mutated.killed + len(mutated.survivors) if mutated else None,
        killed=mutated.killed if mutated else None,
        equivalent=mutated.equivalent if mutated else None,
        hung=len(mutated.hung) if mutated else None,
        survivors=list(map(_survivor, mutated.survivors)) if mutated else [],
    )


def _survivor(mutant: Mutant) -> Survivor:
    return Survivor(mutant.statement, mutant.becomes, mutant.diff)


def _score(verified: Sequence[Verified]) -> float | None:
    mutants = sum(one.mutants or 0 for one in verified)
    return round(sum(one.killed or 0 for one in verified) / mutants, 4) if mutants else None
