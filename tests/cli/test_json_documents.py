"""What the commands print with `--json` is what docs/json.md and its schemas say."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from learn_torch import doctor
from learn_torch.course import course_root
from report.schemas import insist

Learn = Callable[..., Any]
SOLUTION = course_root() / "solutions" / "core" / "03_conv_output_shape" / "solution.py"


def test_check_prints_one_report_for_one_exercise(learn: Learn, tmp_path: Path) -> None:
    path = tmp_path / "homework.py"
    path.write_bytes(SOLUTION.read_bytes())
    before = datetime.now(UTC).replace(microsecond=0)
    report = learn("check", "03", "--file", path, "--json").json
    insist("check", report)
    assert report["verdict"] == "passed"
    assert report["file"] == "homework.py"
    assert report["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert report["language"] == "en"
    assert report["at"].endswith("Z")
    assert before <= datetime.fromisoformat(report["at"])


def test_check_prints_a_list_for_several_one_of_which_cannot_be_read(learn: Learn, tmp_path: Path) -> None:
    assert learn("init", "ws").code == 0
    (tmp_path / "ws" / "exercises" / "core" / "04_pooling.py").unlink()
    reports = learn("check", "03", "04", "--json", cwd=tmp_path / "ws").json
    insist("check", reports)
    assert [report["sha256"] is None for report in reports] == [False, True]
    assert reports[1]["file"] == "04_pooling.py"


def test_verify_prints_its_report(learn: Learn, course: Path) -> None:
    ran = learn("verify", "other", "--seeds", 1, "--no-budget", "--json", "--course", course)
    insist("verify", ran.json)
    assert ran.json["findings"]


def test_doctor_prints_its_findings(learn: Learn, monkeypatch: pytest.MonkeyPatch) -> None:
    no_torch = functools.partial(doctor.check_installation, lambda _code: doctor.Ran(1, "", "no torch"))
    monkeypatch.setattr(doctor, "check_installation", no_torch)
    ran = learn("doctor", "--json")
    insist("doctor", ran.json)
    assert ran.code == 1


def test_run_solution_prints_its_report(learn: Learn) -> None:
    ran = learn("run-solution", "03", "--device", "cpu", "--json")
    insist("run-solution", ran.json)
    assert ran.json["device"] == "cpu"
