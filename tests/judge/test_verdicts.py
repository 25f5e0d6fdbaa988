"""The verdict of a check, and its message."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conftest import messages, verdicts
from learn_torch.checking.checker import Checker
from learn_torch.checking.reporting import report_without_judge
from learn_torch.course import Exercise
from learn_torch.errors import DeviceError
from learn_torch.report import Report

Grade = Callable[..., Report]

HEAD = "import pytest\nimport torch\nfrom learn_torch.testing import *\n"
RIGHT = "def answer(x=0):\n    return x + 1\n"


def grader(*body: str) -> str:
    return HEAD + "def test_it(submission, sandbox):\n" + "".join(f"    {line}\n" for line in body)


def test_an_exercise_is_passed_when_every_check_with_points_is(grade: Grade) -> None:
    report = grade(grader("assert_value(submission.answer(1), 2)"), RIGHT)
    assert (report.verdict, report.points, report.max_points) == ("passed", 1.0, 1.0)
    assert report.checks[0].message == ""


def test_a_mismatch_says_what_was_asked_what_came_and_what_was_expected(grade: Grade) -> None:
    message = messages(grade(grader("assert_value(submission.answer(1), 3)"), RIGHT))["it"]
    assert "answer(1)" in message
    assert "came back  2" in message
    assert "expected   3" in message


def test_a_plain_assert_reads_like_pytests(grade: Grade) -> None:
    message = messages(grade(grader("assert submission.answer(1) == 3"), RIGHT))["it"]
    assert "assert 2 == 3" in message
    assert "answer(1)" in message


def test_an_exception_that_should_have_come(grade: Grade) -> None:
    message = messages(grade(grader("with pytest.raises(ValueError):", "    submission.answer(1)"), RIGHT))[
        "it"
    ]
    assert "an exception: ValueError" in message
    assert "came back  2" in message


def test_an_exception_that_should_not_have_come_shows_the_learners_line(grade: Grade) -> None:
    wrong = "def answer(x=0):\n    # a comment\n    return x.missing\n"
    message = messages(grade(grader("assert_value(submission.answer(1), 2)"), wrong))["it"]
    assert "AttributeError: 'int' object has no attribute 'missing'" in message
    assert "line 3, in answer" in message
    assert "return x.missing" in message


USES = [
    "assert_value(submission.answer(1), 2)",
    "assert_value(submission.answer(1), (1, 2))",
    "assert_close(submission.answer(1), 2.0)",
    "assert_close(submission.answer(1), torch.ones(2))",
    "assert submission.answer(1) + 1 == 3",
    "assert float(submission.answer(1)) == 2.0",
    "assert submission.answer(1)[0] == 2.0",
    "assert submission.answer(1).shape == (2,)",
    "assert len(submission.answer(1)) == 7",
    "assert [x for x in submission.answer(1)] == [5]",
]


@pytest.mark.parametrize(
    "reply",
    [
        "None",
        "float('nan')",
        "'text'",
        "[]",
        "object()",
        "lambda: 1",
        "torch.nn.Linear(1, 1)",
        "b'x'",
        "{1: 2}",
        "...",
    ],
)
def test_an_absurd_reply_fails_with_a_message_and_never_breaks_the_grader(grade: Grade, reply: str) -> None:
    tests = "".join(f"def test_{n}(submission):\n    {use}\n" for n, use in enumerate(USES))
    report = grade(HEAD + tests, f"import torch\ndef answer(x=0):\n    return {reply}\n")
    assert set(verdicts(report).values()) == {"failed"}
    assert all(text.strip() for text in messages(report).values())


def test_before_the_submission_has_answered_an_exception_is_the_graders_own(grade: Grade) -> None:
    report = grade(grader("1 / 0"), RIGHT)
    assert report.verdict == "error"
    assert "ZeroDivisionError" in messages(report)["it"]


def test_a_grader_that_cannot_be_collected_is_an_error(grade: Grade) -> None:
    report = grade("import nothing_of_this_name\ndef test_it(submission):\n    pass\n", RIGHT)
    assert report.verdict == "error"
    assert "nothing_of_this_name" in messages(report)["it"]


def test_a_grader_with_a_syntax_error_is_an_error(grade: Grade) -> None:
    assert grade("def test_it(submission):\n    if\n", RIGHT).verdict == "error"


def test_a_grader_that_is_missing_is_an_error(
    make_exercise: Callable[..., Exercise], checker: Checker
) -> None:
    exercise = make_exercise(grader("submission.answer(1)"))
    exercise.grader.unlink()
    report = checker.check(exercise, RIGHT.encode())
    assert report.verdict == "error"
    assert str(exercise.grader) in messages(report)["it"]


def test_no_report_on_an_exercise_about_devices_is_made_on_the_cpu(
    make_exercise: Callable[..., Exercise], checker: Checker
) -> None:
    exercise = make_exercise(
        grader("assert_value(submission.answer(1), 2)"), extra='device = "simulated-cuda"'
    )
    with pytest.raises(DeviceError, match=r"pack/01 is judged on CUDA"):
        checker.check(exercise, RIGHT.encode(), device="cpu")
    with pytest.raises(DeviceError):
        report_without_judge(
            exercise,
            "it is empty",
            cause="file",
            source=None,
            file="01_sample.py",
            device="cpu",
            seed=0,
            seconds=0.0,
        )
    (result,) = checker.examine(exercise, RIGHT.encode(), device="cpu").tests  # as `learn verify` does
    assert result.verdict == "passed"
    report = checker.check(exercise, RIGHT.encode())
    assert (report.verdict, report.device) == ("passed", "simulated-cuda")


def test_a_grader_that_ends_its_process_is_an_error(grade: Grade) -> None:
    report = grade("import os\nos._exit(3)\ndef test_it(submission):\n    pass\n", RIGHT)
    assert report.verdict == "error"
    assert "no verdict" in messages(report)["it"]


def test_nothing_around_a_grader_reaches_into_it(
    grade: Grade, make_exercise: Callable[..., Exercise], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a conftest, a configuration, the environment or an installed plugin."""
    folder = make_exercise(grader("assert_value(submission.answer(1), 2)")).grader.parent
    for name in ("conftest.py", "pytest.py", "torch.py"):
        (folder / name).write_text("raise SystemExit('planted')\n")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --nonsense\n")
    (folder / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '--nonsense'\n")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--nonsense")
    monkeypatch.setenv("PYTEST_PLUGINS", "nothing_of_this_name")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("PYTHONSTARTUP", str(folder / "conftest.py"))
    with Checker() as checker:
        report = checker.check(make_exercise(grader("assert_value(submission.answer(1), 2)")), RIGHT.encode())
    assert report.verdict == "passed", messages(report)
    left = sorted(path.name for path in folder.iterdir())
    assert left == [
        "conftest.py",
        "pyproject.toml",
        "pytest.ini",
        "pytest.py",
        "test_01_sample.py",
        "torch.py",
    ]


def test_a_broken_fixture_is_an_error(grade: Grade) -> None:
    report = grade(
        HEAD
        + "@pytest.fixture\ndef bad():\n    raise RuntimeError('mine')\ndef test_it(submission, bad):\n    pass\n",
        RIGHT,
    )
    assert verdicts(report) == {"it": "error"}


def test_a_skip_is_no_pass(grade: Grade) -> None:
    report = grade(grader("submission.answer(1)", "pytest.skip('not today')"), RIGHT)
    assert report.verdict == "error"


def test_a_check_without_a_test_is_an_error(make_exercise: Callable[..., object], checker: object) -> None:
    exercise = make_exercise(grader("submission.answer(1)"), extra_checks=("test_absent",))
    report = checker.check(exercise, RIGHT.encode())  # type: ignore[attr-defined]
    assert verdicts(report) == {"it": "passed", "absent": "error"}


def test_a_parametrised_check_passes_only_as_a_whole(grade: Grade) -> None:
    source = HEAD + (
        "@pytest.mark.parametrize('x', [1, 2, 3])\ndef test_it(submission, x):\n"
        "    assert_value(submission.answer(x), x + 1 if x != 2 else 0)\n"
    )
    report = grade(source, RIGHT)
    assert verdicts(report) == {"it": "failed"}
    assert "answer(2)" in messages(report)["it"]


def test_a_fault_of_the_submission_in_a_fixture_fails_the_check(grade: Grade) -> None:
    source = HEAD + (
        "@pytest.fixture\ndef made(submission):\n    return submission.answer(1)\ndef test_it(made):\n    assert made == 2\n"
    )
    assert verdicts(grade(source, "def answer(x):\n    raise ValueError\n")) == {"it": "failed"}


def test_what_the_submission_prints_is_shown_under_the_failing_check_only(grade: Grade) -> None:
    source = HEAD + (
        "def test_a(submission):\n    assert_value(submission.answer(1), 2)\n"
        "def test_b(submission):\n    assert_value(submission.answer(2), 0)\n"
    )
    report = grade(source, "def answer(x):\n    print('got', x)\n    return x + 1\n")
    passed, failed = report.checks
    assert not isinstance(passed.output, str)
    assert failed.output == "got 2\n"


def test_megabytes_of_output_are_cut_and_counted(grade: Grade) -> None:
    report = grade(
        grader("assert_value(submission.answer(), 0)"), "def answer(x=0):\n    print('spam' * 1_000_000)\n"
    )
    output = report.checks[0].output
    assert isinstance(output, str)
    assert len(output) < 70_000
    assert "bytes more" in output


def test_control_characters_of_a_submission_reach_nobodys_terminal(grade: Grade) -> None:
    report = grade(
        grader("assert_value(submission.answer(), 0)"),
        "def answer(x=0):\n    print('\\x1b[2J')\n    raise ValueError('\\x1b]0;title\\x07\\u202e')\n",
    )
    for text in (report.checks[0].message, str(report.checks[0].output)):
        assert "\x1b" not in text
        assert "\x07" not in text
        assert "\u202e" not in text


def test_a_hanging_call_leaves_time_for_the_other_checks(grade: Grade) -> None:
    source = HEAD + (
        "def test_a(submission):\n    submission.answer(1)\n"
        "def test_b(submission):\n    assert submission.other() == 2\n"
    )
    report = grade(source, "def answer(x):\n    while True: pass\ndef other():\n    return 2\n", time_limit=2)
    assert verdicts(report) == {"a": "failed", "b": "passed"}
    assert "within 1 seconds" in messages(report)["a"]


def test_when_no_time_is_left_the_rest_fails_and_says_so(grade: Grade) -> None:
    tests = "".join(f"def test_{n}(submission):\n    submission.answer(1)\n" for n in range(8))
    report = grade(HEAD + tests, "def answer(x):\n    while True: pass\n", time_limit=1)
    assert set(verdicts(report).values()) == {"failed"}
    assert "no time was left" in messages(report)["7"]


def test_another_exception_than_the_one_that_was_asked_for_names_both(grade: Callable[..., Report]) -> None:
    grader = """
import pytest

def test_refuses(submission):
    with pytest.raises(ValueError):
        submission.refuse()
"""
    report = grade(grader, "def refuse():\n    raise KeyError('x')\n")
    assert "it raised KeyError" in messages(report)["refuses"]
    assert "expected  an exception: ValueError" in messages(report)["refuses"]
