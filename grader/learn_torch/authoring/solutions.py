"""The solutions of an exercise: reference, alternatives, mistakes, equivalent mutants."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from learn_torch.authoring.mistakes import Fault, Mistake, read_mistakes
from learn_torch.course import Exercise
from learn_torch.course.manifests import read_manifest
from learn_torch.errors import LearnError
from learn_torch.language import _

EQUIVALENT = "equivalent.toml"


class Equivalent(Struct, frozen=True, forbid_unknown_fields=True):
    """A change of the reference that does not change its behaviour: the old statement, the new one, and the reason."""

    statement: str
    becomes: str
    reason: Annotated[str, Meta(min_length=10)]


class Equivalents(Struct, frozen=True, forbid_unknown_fields=True):
    """`equivalent.toml`, beside the reference."""

    format_version: Literal[1]
    mutants: tuple[Equivalent, ...]


@dataclass(frozen=True)
class Solutions:
    """The files of one exercise that only instructors see."""

    exercise: Exercise
    reference: Path
    alternatives: tuple[Path, ...]
    equivalents: Path

    @classmethod
    def of(cls, exercise: Exercise) -> Solutions:
        """Find the files of an exercise."""
        folder = exercise.solutions
        return cls(
            exercise,
            folder / "solution.py",
            tuple(sorted((folder / "alternatives").glob("*.py"))),
            folder / EQUIVALENT,
        )

    @property
    def right(self) -> tuple[Path, ...]:
        """The existing files that must pass."""
        return tuple(path for path in (self.reference, *self.alternatives) if path.is_file())

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The mistakes that can be used, sorted by name."""
        return self._mistakes[0]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The reasons why the other mistakes cannot be used."""
        return self._mistakes[1]

    @cached_property
    def _mistakes(self) -> tuple[tuple[Mistake, ...], tuple[Fault, ...]]:
        return read_mistakes(self.exercise.solutions)

    def mistake(self, name: str) -> Mistake:
        """One mistake. Raises LearnError if there is no usable mistake of this name."""
        found = {mistake.label: mistake for mistake in self.mistakes}
        if name in found:
            return found[name]
        names = ", ".join(dict.fromkeys(mistake.name for mistake in self.mistakes))
        key, hint = self.exercise.key, _("its mistakes: {names}").format(names=names)
        if self.faults:
            hint += "; " + _("`learn verify {key}` says what is wrong with the others").format(key=key)
        raise LearnError(_("{key} has no mistake {name!r}").format(key=key, name=name), hint)

    def equivalent_mutants(self) -> tuple[Equivalent, ...]:
        """The listed equivalent mutants. Raises ManifestError."""
        return read_manifest(self.equivalents, Equivalents).mutants if self.equivalents.is_file() else ()
