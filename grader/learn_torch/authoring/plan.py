"""What is to be run for an exercise, known before anything runs: how many runs that is, and how they are shared out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from learn_torch.authoring.mutants import Mutant, mutants_of
from learn_torch.authoring.solutions import Solutions
from learn_torch.authoring.wrong_types import WrongTypes, wrong_types_of
from learn_torch.course import Exercise

DEVICES = ("cpu", "simulated-cuda")
"""What is right has to pass on both, whatever the exercise's own device is."""


@dataclass(frozen=True)
class Seeds:
    """With how many seeds each kind of submission is run, and how much more than is needed every time.

    Args:
        reference: on the exercise's own device. The only right way that runs often: it tells whether a grader draws
            something that it does not expect itself.
        alternatives: each. They tell a grader that demands one way of writing, which a few seeds show.
        elsewhere: the reference and the alternatives on every other device.
        mistakes: each. A grader has to notice one whatever is drawn.
        everything: run mistakes on the other device, too, and wrong types to the last check.
    """

    reference: int = 6
    alternatives: int = 3
    elsewhere: int = 1
    mistakes: int = 2
    everything: bool = False

    @classmethod
    def all(cls, number: int) -> Seeds:
        """The same number for each purpose."""
        return cls(number, number, number, number)

    @classmethod
    def thorough(cls, number: int = 20) -> Seeds:
        """For a run of hours, with everything; fewer on other devices, where hardly the numbers matter."""
        return cls(number, number, min(number, 5), number, everything=True)


RECOGNITION = 4
"""With how many seeds the reference is run to find out what it is shown each time. More would show nothing else."""


@dataclass(frozen=True)
class Plan:
    """One exercise and what there is to run.

    Args:
        exercise: which.
        solutions: what lies beside its reference.
        spoilt: references that answer with the wrong kind of thing.
        mutants: changed references that have to be noticed; None where nobody asked for them.
        equivalent: how many more are listed as equivalent.
    """

    exercise: Exercise
    solutions: Solutions
    spoilt: tuple[WrongTypes, ...] = ()
    mutants: tuple[Mutant, ...] | None = None
    equivalent: int = 0

    @classmethod
    def of(cls, exercise: Exercise, *, mutants: bool) -> Plan:
        """Read what lies there.

        Raises:
            SyntaxError, UnicodeDecodeError: the reference is no Python.
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
        """Where what is right has to pass, the exercise's own device first."""
        own: str = self.exercise.manifest.device
        return [own, *(name for name in DEVICES if name != own), *(["cuda:0"] if card else [])]

    def runs(self, seeds: Seeds, *, card: bool = False) -> int:
        """How many runs that is, where nothing is to be mended."""
        others = len(self.devices(card=card)) - 1
        exercise, solutions = self.exercise, self.solutions
        there = solutions.reference.is_file()
        alternatives = len(solutions.right) - there
        stub = len(DEVICES) if exercise.stub.is_file() else 0
        right = there * seeds.reference + alternatives * seeds.alternatives
        right += len(solutions.right) * others * seeds.elsewhere
        # One traced, the other seeds, one as a learner's would be diagnosed.
        mistake = 1 + max(1, seeds.mistakes - 1) + 1
        mistake += seeds.everything and exercise.manifest.device == "cpu"
        return (
            stub
            + right
            + there * RECOGNITION
            + len(solutions.mistakes) * mistake
            + len(self.spoilt)
            + len(self.mutants or ())
        )


def shard(plans: Sequence[Plan | None], seeds: Seeds, which: int, of: int) -> list[int]:
    """The numbers of the exercises that one shard of several verifies.

    A shard takes whole exercises: what a mistake is diagnosed as, and what a check notices, depends on all mistakes of
    its exercise. The largest go first, each to the shard that has least to do, so that all end at about the same time.

    Args:
        plans: of all exercises; None for one that cannot be run.
        seeds: how often each is run.
        which: from 1.
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
