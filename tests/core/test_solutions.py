"""References and alternatives pass, stubs fail by their TODOs, and a card agrees with the simulation.

The tests go over the folders: adding a solution adds a case. That mistakes fail, whatever the seed, and all the rest that
makes a grader a good one, is `learn verify core`, which the gate runs.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from learn_torch.authoring.mistakes import read_mistakes
from learn_torch.checking.checker import Checker
from learn_torch.course import Catalogue, Exercise, course_root
from learn_torch.diagnosis.matching import read_traces
from learn_torch.report import Report

SOLUTIONS = course_root() / "solutions"
RIGHT = sorted(SOLUTIONS.glob("*/*/solution.py")) + sorted(SOLUTIONS.glob("*/*/alternatives/*.py"))
WRONG = [one for folder in sorted(SOLUTIONS.glob("*/*")) for one in read_mistakes(folder)[0]]
STUBS = sorted((course_root() / "exercises").glob("*/*/stub.py"))
on_a_card = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA card here"),
]


def exercise_of(catalogue: Catalogue, path: Path) -> Exercise:
    name = next(part for part in path.parts[::-1] if part[:2].isdigit() and not part.endswith(".py"))
    track = path.parts[path.parts.index(name) - 1]
    return catalogue.resolve(f"{track}/{name}")


def name_of(path: Path) -> str:
    return "/".join(path.parts[path.parts.index("core") + 1 :])


def complaints(report: Report) -> str:
    return "\n".join(f"{c.name} {c.verdict}: {c.message}" for c in report.checks if c.verdict != "passed")


@pytest.mark.parametrize(
    "path",
    [p if p.name == "solution.py" else pytest.param(p, marks=pytest.mark.slow) for p in RIGHT],
    ids=name_of,
)
def test_right_ways_pass(path: Path, checker: Checker, catalogue: Catalogue) -> None:
    report = checker.check(exercise_of(catalogue, path), path.read_bytes(), seed=0)
    assert report.verdict == "passed", complaints(report)


@pytest.mark.parametrize("path", STUBS, ids=lambda path: path.parent.name)
def test_a_stub_fails_every_check_by_its_todo(path: Path, checker: Checker, catalogue: Catalogue) -> None:
    report = checker.check(exercise_of(catalogue, path), path.read_bytes(), seed=0)
    assert {c.verdict for c in report.checks if c.max_points} == {"failed"}, complaints(report)
    assert all("NotImplementedError" in c.message for c in report.checks), complaints(report)


@pytest.mark.parametrize("stub", STUBS, ids=lambda path: path.parent.name)
def test_every_mistake_has_its_traces_made_with_this_grader(stub: Path, catalogue: Catalogue) -> None:
    exercise = exercise_of(catalogue, stub)
    traces = read_traces(exercise)
    assert traces is not None, "stale: `learn verify --write` updates them"
    names = [one.name for one in WRONG if one.path.is_relative_to(exercise.solutions)]
    assert [mistake.name for mistake in traces.mistakes] == names


@pytest.mark.parametrize("stub", STUBS, ids=lambda path: path.parent.name)
def test_an_exercise_has_as_many_checks_and_hints_as_is_our_custom(stub: Path, catalogue: Catalogue) -> None:
    manifest = exercise_of(catalogue, stub).manifest
    assert 5 <= len(manifest.checks) <= 12
    assert len(manifest.hints) == 3


class TestOnACard:
    pytestmark = on_a_card

    @pytest.mark.parametrize(
        ("path", "source"),
        [
            *(pytest.param(path, path.read_bytes(), id=name_of(path)) for path in (*RIGHT, *STUBS)),
            *(pytest.param(one.path, one.source, id=f"{name_of(one.path)}/{one.name}") for one in WRONG),
        ],
    )
    def test_verdicts_are_those_of_the_simulation(
        self, path: Path, source: bytes, catalogue: Catalogue
    ) -> None:
        exercise = exercise_of(catalogue, path)
        with Checker() as simulation, Checker(gpu=True) as card:
            simulated = simulation.check(exercise, source, device="simulated-cuda", seed=0)
            real = card.check(exercise, source, device="cuda:0", seed=0)
        assert [c.verdict for c in real.checks] == [c.verdict for c in simulated.checks], complaints(real)
