"""Each folder is a case: a submission for core/03 and its report, the same by fork and by subprocess.

`pytest --update-golden` writes the reports again; read the diff before you commit it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from learn_torch.checking.checker import Checker
from learn_torch.course import Catalogue
from learn_torch.report import Report, to_json

BUSY = r"\n(The machine was busy. The time that your code waited for a processor is not counted.)"
"""The addition to a time-out's message on a busy machine, in JSON."""
GOLDEN = Path(__file__).with_name("golden")
CASES = sorted(path.name for path in GOLDEN.iterdir())
# By subprocess, every check imports torch again. A few cases are enough to show that there is no difference.
BY_SUBPROCESS = ["dies_in_a_call", "returns_tensors", "syntax_error"]


def lasting(report: Report) -> dict[str, Any]:
    """The report without what differs between machines, runs, and versions of the grader."""
    document: dict[str, Any] = json.loads(to_json(report).replace(BUSY, ""))
    for name in ("seconds", "isolation", "at", "versions", "grader"):
        del document[name]
    return document


LONG = ["hangs_at_import"]


@pytest.mark.parametrize("case", [pytest.param(c, marks=pytest.mark.slow) if c in LONG else c for c in CASES])
def test_report(case: str, checker: Checker, catalogue: Catalogue, request: pytest.FixtureRequest) -> None:
    exercise = catalogue.resolve("core/03")
    report = lasting(checker.check(exercise, (GOLDEN / case / "submission.py").read_bytes(), seed=7))
    expected = GOLDEN / case / "report.json"
    if request.config.getoption("--update-golden"):
        expected.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert report == json.loads(expected.read_text("utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("case", BY_SUBPROCESS)
def test_report_by_subprocess(case: str, subprocess_checker: Checker, catalogue: Catalogue) -> None:
    exercise = catalogue.resolve("core/03")
    report = lasting(
        subprocess_checker.check(exercise, (GOLDEN / case / "submission.py").read_bytes(), seed=7)
    )
    assert report == json.loads((GOLDEN / case / "report.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES)
def test_no_case_breaks_the_grader(case: str) -> None:
    report = json.loads((GOLDEN / case / "report.json").read_text("utf-8"))
    assert {check["verdict"] for check in report["checks"]} <= {"passed", "failed"}
    assert all(check["message"] for check in report["checks"] if check["verdict"] == "failed")
