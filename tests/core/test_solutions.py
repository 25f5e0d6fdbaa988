"""References and alternatives pass on every device, whatever the seed; mistakes and stubs fail, and none breaks a grader.

The tests go over the folders: adding a file adds a case.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import pytest
import torch

from learn_torch.course import Catalogue, Exercise, course_root
from learn_torch.judge.report import Report
from learn_torch.judge.session import Checker

SOLUTIONS = course_root() / "solutions"
RIGHT = sorted(SOLUTIONS.glob("*/*/solution.py")) + sorted(SOLUTIONS.glob("*/*/alternatives/*.py"))
WRONG = sorted(SOLUTIONS.glob("*/*/mistakes/*.py"))
STUBS = sorted((course_root() / "exercises").glob("*/*/stub.py"))
SEEDS = range(20)
"""On the exercise's own device; on the other one, the first quarter of them."""
SIMULATED = ["cpu", "simulated-cuda"]
CARD = pytest.param(
    "cuda:0",
    marks=[
        pytest.mark.cuda,
        pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA card here"),
    ],
)


def exercise_of(catalogue: Catalogue, path: Path) -> Exercise:
    name = next(part for part in path.parts[::-1] if part[:2].isdigit() and not part.endswith(".py"))
    track = path.parts[path.parts.index(name) - 1]
    return catalogue.resolve(f"{track}/{name}")


def name_of(path: Path) -> str:
    return "/".join(path.parts[path.parts.index("core") + 1 :])


@pytest.fixture(scope="module")
def checkers() -> Iterator[dict[bool, SimpleQueue[Checker]]]:
    """Two warm checkers for each kind of device, without a card and with one: as many checks at a time."""
    made: dict[bool, list[Checker]] = {
        False: [Checker(), Checker()],
        True: [Checker(gpu=True), Checker(gpu=True)],
    }
    queues: dict[bool, SimpleQueue[Checker]] = {}
    for gpu, several in made.items():
        queues[gpu] = SimpleQueue()
        for checker in several:
            queues[gpu].put(checker)
    yield queues
    for several in made.values():
        for checker in several:
            checker.close()


def check(
    checkers: dict[bool, SimpleQueue[Checker]], exercise: Exercise, path: Path, device: str, seed: int
) -> Report:
    queue = checkers[device.startswith("cuda")]
    checker = queue.get()
    try:
        return checker.check(exercise, path.read_bytes(), device=device, seed=seed)
    finally:
        queue.put(checker)


def complaints(report: Report) -> str:
    return "\n".join(f"{c.name} {c.verdict}: {c.message}" for c in report.checks if c.verdict != "passed")


@pytest.mark.slow
@pytest.mark.parametrize("device", [*SIMULATED, CARD])
@pytest.mark.parametrize("path", RIGHT, ids=name_of)
def test_right_ways_pass_whatever_the_seed(
    path: Path, device: str, checkers: dict[bool, SimpleQueue[Checker]], catalogue: Catalogue
) -> None:
    exercise = exercise_of(catalogue, path)
    with ThreadPoolExecutor(2) as pool:
        seeds = SEEDS if device in (exercise.manifest.device, "cuda:0") else SEEDS[:5]
        reports = list(pool.map(lambda seed: check(checkers, exercise, path, device, seed), seeds))
    for report in reports:
        assert report.verdict == "passed", f"seed {report.seed}\n{complaints(report)}"


@pytest.mark.parametrize("device", [*SIMULATED, CARD])
@pytest.mark.parametrize("path", STUBS, ids=lambda path: path.parent.name)
def test_a_stub_fails_every_check_by_its_todo(
    path: Path, device: str, checkers: dict[bool, SimpleQueue[Checker]], catalogue: Catalogue
) -> None:
    report = check(checkers, exercise_of(catalogue, path), path, device, 0)
    assert {c.verdict for c in report.checks if c.max_points} == {"failed"}, complaints(report)
    assert all("NotImplementedError" in c.message for c in report.checks), complaints(report)


def where_mistakes_show(exercise: Exercise) -> list[str]:
    """A mistake has to fail on the exercise's own device; one of devices cannot be seen on the CPU."""
    return ["simulated-cuda"] if exercise.manifest.device == "simulated-cuda" else SIMULATED


def assert_fails(report: Report) -> None:
    assert report.verdict == "failed", f"{report.verdict} on {report.device}, seed {report.seed}"
    assert all(c.message for c in report.checks if c.verdict == "failed")


@pytest.mark.parametrize("path", WRONG, ids=name_of)
def test_mistakes_fail_with_a_message(
    path: Path, checkers: dict[bool, SimpleQueue[Checker]], catalogue: Catalogue
) -> None:
    exercise = exercise_of(catalogue, path)
    assert_fails(check(checkers, exercise, path, exercise.manifest.device, 0))


@pytest.mark.slow
@pytest.mark.parametrize("path", WRONG, ids=name_of)
def test_mistakes_fail_whatever_the_seed_and_the_device(
    path: Path, checkers: dict[bool, SimpleQueue[Checker]], catalogue: Catalogue
) -> None:
    exercise = exercise_of(catalogue, path)
    with ThreadPoolExecutor(2) as pool:
        devices = where_mistakes_show(exercise)
        reports = list(pool.map(lambda device: check(checkers, exercise, path, device, 1), devices))
    for report in reports:
        assert_fails(report)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA card here")
@pytest.mark.parametrize("path", WRONG, ids=name_of)
def test_mistakes_get_the_same_verdicts_on_a_card(
    path: Path, checkers: dict[bool, SimpleQueue[Checker]], catalogue: Catalogue
) -> None:
    exercise = exercise_of(catalogue, path)
    simulated, real = (check(checkers, exercise, path, device, 0) for device in ("simulated-cuda", "cuda:0"))
    assert [c.verdict for c in real.checks] == [c.verdict for c in simulated.checks]


@pytest.mark.parametrize("path", WRONG, ids=name_of)
def test_a_mistake_has_its_sentence_in_both_languages(path: Path) -> None:
    english, _empty, chinese = (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n\n")
    assert english.strip().isascii() or "’" in english or "×" in english
    assert english.strip()
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)


@pytest.mark.parametrize("stub", STUBS, ids=lambda path: path.parent.name)
def test_an_exercise_is_whole(stub: Path, catalogue: Catalogue) -> None:
    exercise = exercise_of(catalogue, stub)
    text = stub.read_text("utf-8")
    assert text.count("# TODO") == text.count("raise NotImplementedError") >= 1
    assert 5 <= len(exercise.manifest.checks) <= 12
    assert len(exercise.manifest.hints) == 3
    assert len(list((exercise.solutions / "alternatives").glob("*.py"))) >= 2
    assert len(list((exercise.solutions / "mistakes").glob("*.py"))) >= 4
    for name in ("README.md", "README.zh.md"):
        statement = (exercise.folder / name).read_text("utf-8")
        assert all(function in statement for function in exercise.manifest.functions)
