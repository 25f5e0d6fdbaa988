"""How many mutants of the reference does the grader notice?"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from learn_torch.authoring.behaviour import noticed
from learn_torch.authoring.bench import Bench
from learn_torch.authoring.findings import Finding, finding
from learn_torch.authoring.mutants import Mutant, mutants_of
from learn_torch.authoring.plan import Plan
from learn_torch.authoring.solutions import Equivalent, Solutions
from learn_torch.authoring.wrong_types import wrong_types_of
from learn_torch.course import Exercise
from learn_torch.diagnosis.matching import SEED

PROMISED = 0.95
"""The share of mutants that a grader has to notice, of those that are not listed as equivalent."""
PATIENCE = 2.0
"""A mutant may take so many times what its reference may at most, the exercise's budget; then it counts neither as
noticed nor as missed. A measured time would differ each time, and no outcome of an earlier run would do."""


@dataclass(frozen=True)
class Mutation:
    """What became of an exercise's mutants.

    Args:
        killed: how many were noticed.
        survivors: those that were not.
        equivalent: how many are listed as equivalent.
        failed: the checks that noticed one first.
        hung: those that ran out of time and failed no check otherwise. They are left out of the score: nothing but the
            clock noticed them, and on a busy machine right code could run out of time, too.
    """

    killed: int
    survivors: tuple[Mutant, ...]
    equivalent: int
    failed: frozenset[str]
    hung: tuple[Mutant, ...] = ()

    @property
    def score(self) -> float:
        """The share that was noticed."""
        mutants = self.killed + len(self.survivors)
        return self.killed / mutants if mutants else 1.0


async def mutate(plan: Plan, bench: Bench) -> Mutation:
    """Run every mutant to its first failed check."""
    mutants = plan.mutants or ()
    outcomes = await asyncio.gather(*(_first_failure(plan.exercise, one, bench) for one in mutants))
    told = list(zip(mutants, outcomes, strict=True))
    return Mutation(
        killed=sum(bool(name) for name, _hung in outcomes),
        survivors=tuple(one for one, (name, hung) in told if not name and not hung),
        equivalent=plan.equivalent,
        failed=frozenset(name for name, _hung in outcomes if name),
        hung=tuple(one for one, (name, hung) in told if not name and hung),
    )


async def _first_failure(exercise: Exercise, mutant: Mutant, bench: Bench) -> tuple[str, bool]:
    """The check that noticed a mutant first, if any did; and whether one ran out of time."""
    limit = min(PATIENCE * exercise.manifest.budget, exercise.manifest.time_limit)
    (outcome,) = await bench.examine(
        exercise, mutant.source.encode(), [SEED], what="mutants", first_failure=True, time_limit=limit
    )
    failed = [test.name for test in outcome.tests if test.verdict == "failed"]
    found = noticed(outcome)
    return next(iter(found), ""), len(found) < len(failed)


async def failed_by_mutants(plan: Plan, bench: Bench, checks: Collection[str]) -> set[str]:
    """Which of these checks any mutant fails, whatever else it fails before."""

    async def failed(mutant: Mutant) -> list[str]:
        (outcome,) = await bench.examine(
            plan.exercise, mutant.source.encode(), [SEED], what="mutants", only=sorted(checks)
        )
        return noticed(outcome)

    return {name for names in await asyncio.gather(*map(failed, plan.mutants or ())) for name in names}


def check_score(exercise: Exercise, mutation: Mutation) -> Iterator[Finding]:
    """Too few mutants noticed."""
    if mutation.score < PROMISED:
        text = f"{mutation.killed} of {mutation.killed + len(mutation.survivors)} mutants are noticed"
        message = f"{text}, {mutation.score:.0%}; {PROMISED:.0%} are asked for"
        yield finding(exercise.key, "mutants", message, exercise.grader)


def check_equivalents(exercise: Exercise) -> Iterator[Finding]:
    """Entries of `equivalent.toml` that no mutant and no spoilt reference answers to any more."""
    solutions = Solutions.of(exercise)
    entries = solutions.equivalent_mutants()
    if not entries or not solutions.reference.is_file():
        return
    source = solutions.reference.read_text("utf-8")
    there = {(one.statement, one.becomes) for one in mutants_of(source)}
    there |= {(one.place, one.kind) for one in wrong_types_of(source, exercise.manifest.functions)}
    for entry in entries:
        if (entry.statement, entry.becomes) not in there:
            yield finding(exercise.key, "mutants", f"no mutant is {_words(entry)}", solutions.equivalents)


def _words(entry: Equivalent) -> str:
    return f"`{entry.statement}` -> `{entry.becomes}`"
