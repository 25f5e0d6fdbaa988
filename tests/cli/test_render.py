"""A report for people: a line for each check, then each reason once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from command_line import Ran
from learn_torch.cli import render
from learn_torch.report import SCHEMA, Cause, CheckReport, Diagnosis, Report, Versions, verdict_of


def passed(name: str) -> CheckReport:
    return CheckReport(f"test_{name}", name, "passed", 1.0, 1.0)


def failed(name: str, message: str, **more: str) -> CheckReport:
    return CheckReport(f"test_{name}", name, "failed", 0.0, 1.0, message, **more)


@pytest.fixture
def printed(capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What is printed of a report on these checks."""

    def show(*checks: CheckReport, causes: tuple[Cause, ...] = (), diagnosis: Diagnosis | None = None) -> str:
        report = Report(
            *(
                SCHEMA,
                "core/03",
                "conv",
                verdict_of(checks),
                0.0,
                3.0,
                checks,
                diagnosis,
                0.1,
                "cpu",
                7,
                "full",
            ),
            *("03.py", None, datetime.now(UTC), Versions("1", "2", "3"), None, "en"),
            causes=list(causes),
            diagnoses=[diagnosis] if diagnosis else [],
        )
        render.Rendering().report(report)
        return capfd.readouterr().out

    return show


def test_every_check_has_a_line_before_what_went_wrong(printed: Callable[..., str]) -> None:
    text = printed(
        passed("one"), failed("two", "came back  8", help="think", output="spam\n"), passed("three")
    )
    assert text == (
        "  ✓ one (1/1)\n  ✗ two (0/1)\n  ✓ three (1/1)\n\n"
        "✗ two\n    came back  8\n    think\n    your code printed:\n      spam\n\n"
        "not passed: 0/3 points\n"
    )


def test_a_shared_cause_is_printed_once_with_its_checks(printed: Callable[..., str]) -> None:
    cause = Cause("exception:KeyError:line 2", "KeyError: 3\n  line 2", ("test_one", "test_three"))
    checks = [failed(name, f"asked {name}", cause=cause.cause) for name in ("one", "three")]
    text = printed(checks[0], failed("two", "came back  8"), checks[1], causes=(cause,))
    _lines, _blank, details = text.partition("\n\n")
    assert details == (
        "✗ one\n✗ three\n    KeyError: 3\n      line 2\n\n✗ two\n    came back  8\n\nnot passed: 0/3 points\n"
    )


def test_a_cause_of_all_that_failed_is_printed_without_the_checks_again(printed: Callable[..., str]) -> None:
    cause = Cause("import", "it cannot be imported", ("test_one", "test_two"))
    checks = [failed(name, cause.message, cause="import") for name in ("one", "two")]
    text = printed(*checks, causes=(cause,))
    assert text == ("\n  it cannot be imported\n\nnot passed: 0/3 points\n")


def test_checks_that_are_not_judged_come_last(printed: Callable[..., str]) -> None:
    followers = [failed(name, "not judged: `one` failed first", cause="after:test_one") for name in "ab"]
    text = printed(failed("one", "came back  8"), *followers)
    assert text.endswith(
        "✗ one\n    came back  8\n\n✗ a\n✗ b\n    not judged: `one` failed first\n\nnot passed: 0/3 points\n"
    )


def test_a_diagnosis_comes_before_the_reasons(printed: Callable[..., str]) -> None:
    text = printed(failed("one", "came back  8"), diagnosis=Diagnosis("known", "You did it."))
    assert text.index("You did it.") < text.index("came back  8")


def test_what_is_not_written_is_one_line_that_names_it(
    learn: Callable[..., Ran], tmp_path: Path, printed: Callable[..., str]
) -> None:
    learn("init", tmp_path / "ws")
    text = learn("check", "03", cwd=tmp_path / "ws").out
    assert text.count("✗") == 1
    assert "✗ not written yet: `conv_output_shape`, `same_padding` (9 checks)" in text
    half = failed("two", "`f` is not written yet", cause="unwritten:f")
    assert printed(passed("one"), half).startswith("  ✓ one (1/1)\n  ✗ not written yet: `f` (1 check)\n")


def test_a_statement_says_once_what_a_check_allows(learn: Callable[..., Ran]) -> None:
    text = learn("show", "03").out
    assert text.count("A check runs your file alone, without a network or a keyboard") == 1
    assert "It starts no processes (num_workers=0)." in text
