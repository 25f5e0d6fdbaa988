"""What a report says of checks that failed together."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from learn_torch.checking.reporting import diagnosed, make_report
from learn_torch.course import Catalogue, CoursePack, Exercise
from learn_torch.judge import job as jobs
from learn_torch.report import Diagnosis, Report, Verdict

GRADER = "".join(f"def test_{name}(submission):\n    pass\n" for name in ("one", "two", "three"))
Make = Callable[..., Report]


@pytest.fixture
def made(make_exercise: Callable[..., Exercise]) -> Make:
    """Makes a report from a message and a cause for each check; None for one that passed.

    Each check has a help; the second comes after the first, and the third after the second.
    """
    folder = make_exercise(GRADER).folder
    path = folder / "exercise.toml"
    head, *checks = path.read_text("utf-8").split("[[checks]]")
    after = ["", 'after = ["test_one"]\n', 'after = ["test_two"]\n']
    help_ = '[checks.help]\nen = "think"\nzh = "想"\n'
    parts = [check + line + help_ for check, line in zip(checks, after, strict=True)]
    path.write_text("[[checks]]".join([head, *parts]), "utf-8")
    exercise = Catalogue([CoursePack("pack", folder.parents[2])]).resolve("pack/01")

    def make(**results: tuple[str, str] | None) -> Report:
        tests = []
        for name, found in results.items():
            message, cause = found or ("", "")
            verdict: Verdict = "failed" if found else "passed"
            reason = f"because of {cause}"
            tests.append(jobs.TestResult(f"test_{name}", verdict, message, "", cause=cause, reason=reason))
        return make_report(
            exercise, jobs.Outcome(1, tests), source=b"", file="x.py", device="cpu", seconds=0.0
        )

    return make


def test_a_check_that_follows_a_failed_one_is_not_judged(made: Make) -> None:
    one, two, three = made(one=("7", ""), two=("8", ""), three=("9", "")).checks
    assert (one.message, one.help) == ("7", "think")
    for follower in (two, three):  # the third follows the second, which follows the first
        assert follower.message == "not judged: `one` failed first"
        assert follower.help is msgspec.UNSET
        assert follower.cause == "after:test_one"
        assert (follower.verdict, follower.points, follower.max_points) == ("failed", 0.0, 1.0)


def test_a_check_that_fails_without_the_one_before_is_judged(made: Make) -> None:
    one, two, three = made(one=None, two=("8", ""), three=None).checks
    assert (two.message, two.help, two.cause) == ("8", "think", msgspec.UNSET)
    assert one.verdict == three.verdict == "passed"


def test_an_exception_is_shown_whatever_failed_before(made: Make) -> None:
    report = made(one=("7", ""), two=("it raised", "exception:KeyError:line 3"), three=("9", ""))
    assert [check.message for check in report.checks] == ["7", "it raised", "not judged: `two` failed first"]
    assert report.causes == []


def test_a_shared_cause_has_no_helps(made: Make) -> None:
    report = made(one=("asked 1", "type:f:None"), two=("8", ""), three=("asked 3", "type:f:None"))
    (cause,) = report.causes
    assert cause.message == "because of type:f:None"
    assert cause.checks == ("test_one", "test_three")
    assert [check.help for check in report.checks] == [msgspec.UNSET] * 3
    assert [check.message for check in report.checks][::2] == ["asked 1", "asked 3"]


def test_a_failed_check_always_has_a_message(made: Make) -> None:
    assert made(one=("", ""), two=None, three=None).checks[0].message


def test_a_diagnosis_takes_the_place_of_helps(made: Make) -> None:
    report = made(one=("7", ""), two=None, three=None)
    assert diagnosed(report, ()) == report
    two = Diagnosis("known", "you did it"), Diagnosis("other", "and this")
    found = diagnosed(report, two)
    assert (found.diagnosis, found.diagnoses) == (two[0], list(two))
    assert found.checks[0].help is msgspec.UNSET


def test_a_broken_grader_is_one_reason(made: Make, make_exercise: Callable[..., Exercise]) -> None:
    outcome = jobs.Outcome(1, [], "it broke")
    report = make_report(make_exercise(GRADER), outcome, source=b"", file="x.py", device="cpu", seconds=0.0)
    assert [(cause.cause, cause.message) for cause in report.causes] == [("grader", "it broke")]
