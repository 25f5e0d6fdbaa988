"""Graders of a track may share fixtures, which their manifests name."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from learn_torch.checking.checker import Checker
from learn_torch.course import Exercise
from learn_torch.errors import ManifestError

GRADER = """
from learn_torch.testing import assert_value
from numbers_of_ours import LUCKY

def test_answer(submission, lucky):
    assert lucky == LUCKY
    assert_value(submission.answer(), lucky)
"""
SHARED = """
import pytest

LUCKY = 7

@pytest.fixture
def lucky():
    return LUCKY
"""
RIGHT = b"def answer():\n    return 7\n"


@pytest.fixture(params=["fork", "subprocess"])
def verdict(request: pytest.FixtureRequest) -> Callable[[Exercise], tuple[str, str]]:
    name = "checker" if request.param == "fork" else "subprocess_checker"
    checker: Checker = request.getfixturevalue(name)

    def verdict(exercise: Exercise) -> tuple[str, str]:
        report = checker.check(exercise, RIGHT)
        return report.verdict, report.checks[0].message

    return verdict


def with_shared(make_exercise: Callable[..., Exercise], name: str, text: str | None) -> Exercise:
    exercise = make_exercise(GRADER, imports="[]", extra=f'fixtures = ["{name}"]')
    if text is not None:
        exercise.grader.with_name(name).write_text(text, encoding="utf-8")
    return exercise


def test_fixtures_and_names_of_a_shared_file_are_there(
    make_exercise: Callable[..., Exercise], verdict: Callable[[Exercise], tuple[str, str]]
) -> None:
    assert verdict(with_shared(make_exercise, "numbers_of_ours.py", SHARED)) == ("passed", "")


def test_an_edited_file_is_read_again(make_exercise: Callable[..., Exercise], checker: Checker) -> None:
    exercise = with_shared(make_exercise, "numbers_of_ours.py", SHARED)
    assert checker.check(exercise, RIGHT).verdict == "passed"
    exercise.grader.with_name("numbers_of_ours.py").write_text(SHARED.replace("7", "8"), encoding="utf-8")
    assert checker.check(exercise, RIGHT).verdict == "failed"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("numbers_of_ours.py", "import nothing_of_this_name", "nothing_of_this_name"),
        ("numbers_of_ours.py", None, "there is no grader"),
        ("random.py", SHARED, "call it something else"),
    ],
    ids=["broken", "missing", "a name of Python's"],
)
def test_a_shared_file_that_cannot_be_used_is_the_graders_error(
    make_exercise: Callable[..., Exercise],
    verdict: Callable[[Exercise], tuple[str, str]],
    name: str,
    text: str | None,
    told: str,
) -> None:
    found, message = verdict(with_shared(make_exercise, name, text))
    assert found == "error"
    assert told in message


def test_the_line_that_broke_is_named_in_a_shared_file(
    make_exercise: Callable[..., Exercise], verdict: Callable[[Exercise], tuple[str, str]]
) -> None:
    exercise = with_shared(
        make_exercise, "numbers_of_ours.py", SHARED.replace("return LUCKY", "return LUCKY / 0")
    )
    found, message = verdict(exercise)
    assert found == "error"
    assert f"(line 8 of {exercise.grader.with_name('numbers_of_ours.py')})" in message


@pytest.mark.parametrize("name", ["test_others.py", "../outside.py", "no_module"])
def test_names_that_are_none_of_a_shared_file(make_exercise: Callable[..., Exercise], name: str) -> None:
    with pytest.raises(ManifestError, match="fixtures"):
        with_shared(make_exercise, name, SHARED)
