"""What lies beside an exercise's reference: alternatives, mistakes and their sentences, equivalent mutants."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from learn_torch.course import Exercise, Text
from learn_torch.course.manifests import read_manifest
from learn_torch.errors import ManifestError

EQUIVALENT = "equivalent.toml"


class Equivalent(Struct, frozen=True, forbid_unknown_fields=True):
    """A change of the reference that changes nothing: the statement, what it becomes, and why it is all the same."""

    statement: str
    becomes: str
    reason: Annotated[str, Meta(min_length=10)]


class Equivalents(Struct, frozen=True, forbid_unknown_fields=True):
    """`equivalent.toml`, beside the reference."""

    format_version: Literal[1]
    mutants: tuple[Equivalent, ...]


@dataclass(frozen=True)
class Mistake:
    """A known wrong solution.

    Args:
        name: what it is called: `eval_forgotten`.
        path: the file that it is written in.
    """

    name: str
    path: Path

    @cached_property
    def source(self) -> bytes:
        """The whole submission."""
        return self.path.read_bytes()

    @cached_property
    def sentence(self) -> Text:
        """What it says to the learner. Raises ManifestError: nothing, or not in both languages."""
        return _sentence_of(self.path)


@dataclass(frozen=True)
class Solutions:
    """The files of one exercise that an instructor sees."""

    reference: Path
    alternatives: tuple[Path, ...]
    mistakes: tuple[Mistake, ...]
    equivalents: Path

    @classmethod
    def of(cls, exercise: Exercise) -> Solutions:
        """Look what is there."""
        folder = exercise.solutions
        return cls(
            folder / "solution.py",
            tuple(sorted((folder / "alternatives").glob("*.py"))),
            tuple(Mistake(path.stem, path) for path in sorted((folder / "mistakes").glob("*.py"))),
            folder / EQUIVALENT,
        )

    @property
    def right(self) -> tuple[Path, ...]:
        """What has to pass, as far as it is there."""
        return tuple(path for path in (self.reference, *self.alternatives) if path.is_file())

    def equivalent_mutants(self) -> tuple[Equivalent, ...]:
        """Those that are listed. Raises ManifestError."""
        return read_manifest(self.equivalents, Equivalents).mutants if self.equivalents.is_file() else ()


def _sentence_of(mistake: Path) -> Text:
    """What a mistake's docstring says to the learner: English, an empty line, Chinese.

    Raises:
        ManifestError: it does not, or is no Python.
    """
    try:
        text = ast.get_docstring(ast.parse(mistake.read_bytes())) or ""
    except (SyntaxError, ValueError) as error:
        raise ManifestError(f"{mistake}: not valid Python: {error}") from error
    english, _empty, chinese = text.partition("\n\n")
    english, chinese = " ".join(english.split()), re.sub(r"(?<![ -~])\s*\n\s*", "", chinese.strip())
    if not english or not is_chinese(chinese):
        raise ManifestError(
            f"{mistake}:1: its docstring is not a sentence in English, an empty line, and the sentence in Chinese"
        )
    return Text(en=english, zh=chinese.replace("\n", " "))


def is_chinese(text: str) -> bool:
    """Whether there is a Chinese character in it."""
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)
