"""A course from the scaffold with its TODOs filled in, to be spoilt in one place at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from learn_torch.authoring.bench import Bench
from learn_torch.authoring.cache import OutcomeCache
from learn_torch.authoring.checkers import Checkers
from learn_torch.authoring.plan import Seeds
from learn_torch.authoring.scaffold import new_course
from learn_torch.authoring.verify import Verified, Verifier, VerifyReport
from learn_torch.course import Catalogue, CoursePack, Exercise


@dataclass
class Course:
    """A course on disk."""

    root: Path

    @property
    def exercise(self) -> Exercise:
        return Catalogue([CoursePack("mine", self.root)]).resolve("mine/01")

    def path(self, place: str) -> Path:
        """A file by its short name: `grader`, `stub.py`, `mistakes.toml`, `README.md`, `exercise.toml`, `track.toml`."""
        name = "01_mean_of_squares"
        if place == "grader":
            return self.root / "grader" / "checks" / "mine" / f"test_{name}.py"
        if place == "track.toml":
            return self.root / "exercises" / "mine" / place
        if place in ("README.md", "README.zh.md", "exercise.toml", "stub.py", "stub.zh.py"):
            return self.root / "exercises" / "mine" / name / place
        return self.root / "solutions" / "mine" / name / place

    def change(self, place: str, old: str, new: str) -> None:
        """Replace some text of a file."""
        text = self.path(place).read_text("utf-8")
        assert old in text
        self.path(place).write_text(text.replace(old, new), encoding="utf-8")

    def leave_out(self, mistake: str) -> None:
        """Take a mistake out of `mistakes.toml`."""
        head, *entries = self.path("mistakes.toml").read_text("utf-8").split("[[mistakes]]\n")
        kept = [entry for entry in entries if not entry.startswith(f'name = "{mistake}"')]
        assert len(kept) == len(entries) - 1
        self.write("mistakes.toml", "[[mistakes]]\n".join([head, *kept]))

    def write(self, place: str, text: str) -> None:
        """Write a file."""
        self.path(place).parent.mkdir(parents=True, exist_ok=True)
        self.path(place).write_text(text, encoding="utf-8")


def fill_in(folder: Path) -> None:
    """Take the word TODO from all texts: what is behind it is a text."""
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in ("stub.py", "stub.zh.py"):
            path.write_text(re.sub(r"TODO[:：]\s*", "", path.read_text("utf-8")), encoding="utf-8")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    new_course(tmp_path / "mine")
    fill_in(tmp_path / "mine")
    return Course(tmp_path / "mine" / "mine")


@pytest.fixture(scope="session")
def checkers() -> Iterator[Checkers]:
    with Checkers(2) as checkers:
        yield checkers


@dataclass
class Runs:
    """Watches a verification: what ran, and how many runs have ended or were not needed."""

    began_with: list[str] = field(default_factory=list)
    ended: int = 0

    def began(self, exercise: Exercise, what: str) -> None:
        self.began_with.append(what)

    def done(self, runs: int) -> None:
        self.ended += runs


def bench(checkers: Checkers, seeds: int = 2) -> Bench:
    """Runs everything anew."""
    return Bench(checkers, None, Seeds.all(seeds), Runs())


@pytest.fixture
def kept(tmp_path: Path) -> OutcomeCache:
    return OutcomeCache(tmp_path / "kept")


@pytest.fixture
def verify(course: Course, checkers: Checkers) -> Callable[..., VerifyReport]:
    """Verifies the course, with two seeds; writes traces and keeps no outcomes, unless asked otherwise."""

    def verify(runs: Runs | None = None, *, seeds: int | Seeds = 2, **options: Any) -> VerifyReport:
        catalogue = Catalogue([CoursePack("mine", course.root)])
        options = {"measured": False, "write": True, **options}
        verifier = Verifier(
            catalogue, checkers, seeds=seeds if isinstance(seeds, Seeds) else Seeds.all(seeds), **options
        )
        return verifier.verify(list(catalogue), runs or Runs())

    return verify


@pytest.fixture
def only(verify: Callable[..., VerifyReport]) -> Callable[..., Verified]:
    """Verifies the course, and returns its one exercise."""
    return lambda **options: verify(**options).exercises[0]
