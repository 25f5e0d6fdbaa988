"""The time that a check of the reference takes: processor time, so that other work on the machine does not count."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from learn_torch.authoring.findings import Finding, finding
from learn_torch.course import Exercise
from learn_torch.judge.job import Outcome


def seconds_of(outcomes: Sequence[Outcome]) -> float:
    """Seconds of processor time of judge and worker together, with a typical seed; 0 if it was not measured."""
    measured = [_seconds(outcome) for outcome in outcomes if _seconds(outcome)]
    return statistics.median_low(measured) if measured else 0.0


def check_budget(exercise: Exercise, outcomes: Sequence[Outcome]) -> Iterator[Finding]:
    """Report a reference that takes longer than the exercise's budget, and its slowest check.

    Args:
        exercise: the exercise.
        outcomes: the outcomes of its reference, one for each seed.
    """
    seconds = seconds_of(outcomes)
    if seconds > exercise.manifest.budget:
        typical = next(outcome for outcome in outcomes if _seconds(outcome) == seconds)
        slowest = max(typical.tests, key=lambda test: test.cpu)
        message = (
            f"a check takes {seconds:.1f} s, more than its budget of {exercise.manifest.budget:g} s; "
            f"{slowest.name} alone takes {slowest.cpu:.1f} s"
        )
        yield finding(exercise.key, "budget", message, exercise.grader)


def _seconds(outcome: Outcome) -> float:
    return sum(test.cpu for test in outcome.tests)
