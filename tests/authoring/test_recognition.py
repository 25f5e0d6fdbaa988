"""`learn verify` finds checks that a submission could tell by what they show it at every seed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from authoring.conftest import Course, bench
from learn_torch.authoring.checkers import Checkers
from learn_torch.authoring.findings import Finding
from learn_torch.authoring.plan import RECOGNITION, Plan
from learn_torch.authoring.recognition import check_recognisable
from learn_torch.checking.checker import Checker

BEGINNING = """\
import pytest
import torch
from learn_torch.testing import assert_close

def ask(submission, x):
    assert_close(submission.mean_of_squares(x), x.double().pow(2).mean())

def make(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("text")

def test_any_numbers(submission, rng):
    ask(submission, torch.{numbers}(5))

def test_dtype(submission):
    ask(submission, torch.ones(5))

"""
Recognised = Callable[..., list[str]]


def look(course: Course, checkers: Checkers) -> tuple[int, list[Finding]]:
    """How many runs it took, and what was found."""
    used = bench(checkers)
    found = asyncio.run(check_recognisable(Plan.of(course.exercise, mutants=False), used))
    return used.ran, found


@pytest.fixture
def recognised(course: Course, checkers: Checkers) -> Recognised:
    """What is found in a grader with this check."""

    def recognised(check: str, numbers: str = "randn") -> list[str]:
        course.write("grader", BEGINNING.format(numbers=numbers) + check)
        runs, found = look(course, checkers)
        assert runs == RECOGNITION
        assert {(one.rule, one.file) for one in found} <= {("recognisable", str(course.path("grader")))}
        return [one.message for one in found]

    return recognised


def with_files(*names: str) -> str:
    """A check that makes these files; names are expressions."""
    return (
        "def test_example(submission, given_files, rng):\n"
        f"    make(given_files, {', '.join(names)})\n    ask(submission, torch.randn(3))\n"
    )


def test_files_of_the_same_names_at_every_seed(recognised: Recognised) -> None:
    (message,) = recognised(with_files("'first/a.txt'", "'b.txt'"))
    assert message.startswith("test_example can be recognised: its files have the same names with every seed")
    assert ": b.txt, first, first/a.txt; " in message


@pytest.mark.parametrize(
    "names",
    [
        ["f'{rng.randrange(10**9)}.txt'"],
        ["'a.txt'", "f'{rng.randrange(10**9)}/b.txt'"],
        ["*(f'{n}.txt' for n in range(rng.randint(1, 999)))"],
        [],
    ],
)
def test_files_with_a_drawn_name_among_them(names: list[str], recognised: Recognised) -> None:
    assert recognised(with_files(*names)) == []


def test_names_that_the_statement_tells(recognised: Recognised, course: Course) -> None:
    statement = course.path("README.md").read_text("utf-8")
    course.write("README.md", f"{statement}\nIt reads `table/labels.csv`.\n")
    assert recognised(with_files("'table/labels.csv'")) == []
    (message,) = recognised(with_files("'table/labels.csv'", "'table/label'"))
    assert "table/label" in message


def test_of_a_check_with_parameters_one_is_told(recognised: Recognised) -> None:
    check = with_files("f'{n}.txt'").replace("rng)", "n)")
    (message,) = recognised(f"@pytest.mark.parametrize('n', [1, 2, 3])\n{check}")
    assert ": 1.txt; " in message


def test_names_that_are_no_text(recognised: Recognised) -> None:
    (message,) = recognised(with_files(r"'a\udcff'", "'蚂蚁'"))
    assert r"a\udcff, 蚂蚁" in message


def test_the_same_questions_at_every_seed(recognised: Recognised) -> None:
    example = "def test_example(submission):\n    ask(submission, torch.ones(3))\n"
    (message,) = recognised(example, numbers="ones")
    assert message.startswith("every check with points asks the same with every seed")
    assert recognised(example) == []
    # What is in the files may differ, and nobody has looked there.
    fresh = with_files("str(rng.random())").replace("torch.randn(3)", "torch.ones(3)")
    assert recognised(fresh, numbers="ones") == []


def test_questions_that_differ_only_by_temporary_folders_are_the_same(recognised: Recognised) -> None:
    check = "def test_example(submission, sandbox):\n    sandbox.put([sandbox.scratch])\n    ask(submission, torch.ones(3))\n"
    assert len(recognised(check, numbers="ones")) == 1


def test_a_reference_that_fails_is_another_rules(recognised: Recognised, course: Course) -> None:
    course.change("solution.py", ".pow(2)", ".pow(3)")
    assert recognised(with_files("'a.txt'")) == []


def test_without_a_reference_nothing_runs(course: Course, checkers: Checkers) -> None:
    course.path("solution.py").unlink()
    assert look(course, checkers) == (0, [])


def test_nothing_is_listed_unless_it_is_traced(course: Course, checker: Checker) -> None:
    def shown(traced: bool) -> object:
        source = course.path("solution.py").read_bytes()
        return checker.examine(course.exercise, source, seed=1, traced=traced).shown

    assert shown(False) == {}
    found, again = shown(True), shown(True)
    assert found == again
    assert found
