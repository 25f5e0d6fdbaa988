"""Measure how many mutants of the reference the grader notices."""

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
"""The share of mutants that a grader must notice, without those that are listed as equivalent."""
PATIENCE = 2.0
"""The time limit of a mutant, as a multiple of the exercise's budget. A mutant that exceeds it counts neither as
noticed nor as missed. A measured time would be different in every run, so no cached outcome could be used."""


@dataclass(frozen=True)
class Mutation:
    """The results for an exercise's mutants.

    Args:
        killed: how many were noticed.
        survivors: the mutants that were not noticed.
        equivalent: how many are listed as equivalent.
        failed: the checks that were the first to notice a mutant.
        hung: the mutants that ran out of time and failed no check otherwise. They are left out of the score, because on
            a busy machine right code could run out of time, too.
    """

    killed: int
    survivors: tuple[Mutant, ...]
    equivalent: int
    failed: frozenset[str]
    hung: tuple[Mutant, ...] = ()

    @property
    def score(self) -> float:
        """The share of mutants that were noticed."""
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
    """The first check that noticed a mutant, if any did, and whether a check ran out of time."""
    limit = min(PATIENCE * exercise.manifest.budget, exercise.manifest.time_limit)
    (outcome,) = await bench.examine(
        exercise, mutant.source.encode(), [SEED], what="mutants", first_failure=True, time_limit=limit
    )
    failed = [test.name for test in outcome.tests if test.verdict == "failed"]
    found = noticed(outcome)
    return next(iter(found), ""), len(found) < len(failed)


async def failed_by_mutants(plan: Plan, bench: Bench, checks: Collection[str]) -> set[str]:
    """Those of these checks that at least one mutant fails, even if it fails another check first."""

    async def failed(mutant: Mutant) -> list[str]:
        (outcome,) = await bench.examine(
            plan.exercise, mutant.source.encode(), [SEED], what="mutants", only=sorted(checks)
        )
        return noticed(outcome)

    return {name for names in await asyncio.gather(*map(failed, plan.mutants or ())) for name in names}


def check_score(exercise: Exercise, mutation: Mutation) -> Iterator[Finding]:
    """Report that too few mutants are noticed."""
    if mutation.score < PROMISED:
        text = f"{mutation.killed} of {mutation.killed + len(mutation.survivors)} mutants are noticed"
        message = f"{text}, {mutation.score:.0%}; {PROMISED:.0%} are required"
        yield finding(exercise.key, "mutants", message, exercise.grader)


def check_equivalents(exercise: Exercise) -> Iterator[Finding]:
    """Report entries of `equivalent.toml` that no longer match a mutant or a wrong type."""
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
