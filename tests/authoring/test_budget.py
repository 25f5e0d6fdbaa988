"""Budgets are held against processor time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from learn_torch.authoring.budget import check_budget, seconds_of
from learn_torch.course import Exercise
from learn_torch.judge import job as jobs
from learn_torch.judge.job import Outcome

GRADER = "def test_first(submission):\n    pass\n\ndef test_second(submission):\n    pass\n"


def outcome(first: float, second: float) -> Outcome:
    results = [("test_first", first), ("test_second", second)]
    return Outcome(0, [jobs.TestResult(name, "passed", "", "", cpu=seconds) for name, seconds in results])


def test_the_check_that_is_slow_is_named(make_exercise: Callable[..., Exercise]) -> None:
    exercise = make_exercise(GRADER, extra="budget = 1.5")
    (found,) = check_budget(exercise, [outcome(0.25, 1.5)])
    assert found.rule == "budget"
    assert (
        found.message == "a check takes 1.8 s, more than its budget of 1.5 s; test_second alone takes 1.5 s"
    )


def test_a_seed_that_takes_unusually_long_is_nothing_to_mend(make_exercise: Callable[..., Exercise]) -> None:
    exercise = make_exercise(GRADER, extra="budget = 1.5")
    assert list(check_budget(exercise, [outcome(0.5, 0.5), outcome(9.0, 9.0), outcome(0.5, 0.25)])) == []


def test_what_nobody_measured_is_not_held_against_anybody(make_exercise: Callable[..., Exercise]) -> None:
    exercise = make_exercise(GRADER, extra="budget = 0.001")
    assert list(check_budget(exercise, [outcome(0.0, 0.0)])) == []
    assert seconds_of([outcome(0.0, 0.0), outcome(0.25, 0.25)]) == pytest.approx(0.5)
    assert seconds_of([]) == 0.0
