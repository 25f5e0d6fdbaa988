"""Plan the runs for an exercise before anything runs: what to run, how many runs that is, and which shard runs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from learn_torch.authoring import disguise
from learn_torch.authoring.mistakes import Mistake
from learn_torch.authoring.mutants import Mutant, mutants_of
from learn_torch.authoring.solutions import Solutions
from learn_torch.authoring.wrong_types import WrongTypes, wrong_types_of
from learn_torch.course import Exercise
from learn_torch.diagnosis.matching import KnownMistake, read_traces, source_digest

DEVICES = ("cpu", "simulated-cuda")
"""Right solutions must pass on both, whatever the exercise's own device is."""


@dataclass(frozen=True)
class Seeds:
    """The number of seeds for each kind of submission, and whether to run more than is needed every day.

    Args:
        reference: for the reference on the exercise's own device. Many seeds show whether a grader draws input that it
            cannot handle itself.
        alternatives: for each alternative. A few seeds show whether a grader accepts only one way to write a solution.
        elsewhere: for the reference and the alternatives on every other device.
        mistakes: for each mistake. A grader must notice it with any seed.
        everything: also run mistakes on the other device, and run wrong types to the last check.
        anew: make the traces of all mistakes anew. Otherwise those on the disk are believed, if they were made with
            this grader and this mistake: only the first way of a mistake is run, to see that the grader notices it.
    """

    reference: int = 6
    alternatives: int = 3
    elsewhere: int = 1
    mistakes: int = 2
    everything: bool = False
    anew: bool = False

    @classmethod
    def all(cls, number: int) -> Seeds:
        """The same number for each purpose."""
        return cls(number, number, number, number)

    @classmethod
    def thorough(cls, number: int = 20) -> Seeds:
        """For a long run, with everything.

        Other devices get fewer seeds, because the numbers hardly matter there, and so do mistakes, of which there are
        many.
        """
        return cls(number, number, min(number, 5), min(number, 8), everything=True, anew=True)


RECOGNITION = 4
"""How many seeds of the reference are compared to find what is the same in every run. More would find nothing else."""


@dataclass(frozen=True)
class Plan:
    """One exercise and its submissions to run.

    Args:
        exercise: the exercise.
        solutions: the files of its solutions.
        spoilt: references changed to return a wrong type; see `wrong_types`.
        mutants: changed references that must be noticed; None if mutants are not wanted.
        equivalent: how many more mutants are listed as equivalent.
    """

    exercise: Exercise
    solutions: Solutions
    spoilt: tuple[WrongTypes, ...] = ()
    mutants: tuple[Mutant, ...] | None = None
    equivalent: int = 0

    @classmethod
    def of(cls, exercise: Exercise, *, mutants: bool) -> Plan:
        """Read the exercise's files.

        Raises:
            SyntaxError, UnicodeDecodeError: the reference is not Python.
            ManifestError: `equivalent.toml` or the list of mistakes is wrong.
        """
        solutions = Solutions.of(exercise)
        if not solutions.reference.is_file():
            return cls(exercise, solutions)
        listed = {(entry.statement, entry.becomes) for entry in solutions.equivalent_mutants()}
        source = solutions.reference.read_text("utf-8")
        spoilt = wrong_types_of(source, exercise.manifest.functions)
        made = mutants_of(source) if mutants else ()
        noticed = tuple(one for one in made if (one.statement, one.becomes) not in listed)
        return cls(
            exercise,
            solutions,
            tuple(one for one in spoilt if (one.place, one.kind) not in listed),
            noticed if mutants else None,
            len(made) - len(noticed),
        )

    def devices(self, *, card: bool) -> list[str]:
        """The devices on which right solutions must pass, the exercise's own device first."""
        own: str = self.exercise.manifest.device
        return [own, *(name for name in DEVICES if name != own), *(["cuda:0"] if card else [])]

    def stored(self, mistake: Mistake) -> KnownMistake | None:
        """A mistake with its traces as they are on the disk, if they were made with this grader and this source."""
        return self._stored.get((mistake.name, source_digest(mistake.source)))

    @cached_property
    def _stored(self) -> dict[tuple[str, str], KnownMistake]:
        traces = read_traces(self.exercise) if self.exercise.grader.is_file() else None
        return {(one.name, one.source): one for one in traces.mistakes} if traces else {}

    def _disguises(self) -> int:
        """How many runs show what may change in a submission: private names, and the order of statements."""
        reference = self.solutions.reference
        return 1 + len(disguise.swaps(reference.read_text("utf-8-sig"))) if reference.is_file() else 0

    def runs(self, seeds: Seeds, *, card: bool = False) -> int:
        """How many runs the plan takes if there are no findings."""
        others = len(self.devices(card=card)) - 1
        exercise, solutions = self.exercise, self.solutions
        there = solutions.reference.is_file()
        alternatives = len(solutions.right) - there
        stub = len(DEVICES) if exercise.stub.is_file() else 0
        right = there * seeds.reference + alternatives * seeds.alternatives
        right += len(solutions.right) * others * seeds.elsewhere
        elsewhere = seeds.everything and exercise.manifest.device == "cpu"
        mistakes = 0
        for one in solutions.mistakes:
            # Two traced runs, one of them in disguise, and for the first way the other seeds.
            mistakes += 2 * (seeds.anew or self.stored(one) is None)
            mistakes += (max(seeds.mistakes - 1, 0) + elsewhere) * (one.way == 1)
        return (
            stub
            + right
            + self._disguises()
            + there * RECOGNITION
            + mistakes
            + len(self.spoilt)
            + len(self.mutants or ())
        )


def shard(plans: Sequence[Plan | None], seeds: Seeds, which: int, of: int) -> list[int]:
    """The indices of the exercises that one shard of several verifies.

    A shard takes whole exercises: the diagnosis of a mistake, and what a check notices, depend on all mistakes of the
    exercise. The largest exercises are assigned first, each to the shard with the least work, so that all shards take
    about the same time.

    Args:
        plans: the plans of all exercises; None for an exercise that cannot be run.
        seeds: how many seeds each submission gets.
        which: the number of the shard, from 1.
        of: how many shards there are.
    """
    work = [plan.runs(seeds) if plan else 1 for plan in plans]
    loads = [0] * of
    mine = []
    for number in sorted(range(len(plans)), key=lambda number: (-work[number], number)):
        lightest = loads.index(min(loads))
        loads[lightest] += work[number]
        if lightest == which - 1:
            mine.append(number)
    return sorted(mine)
