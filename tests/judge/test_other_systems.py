"""Grading works on a system without fork, resource, fcntl, Unix sockets and selectable pipes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import source_of
from learn_torch.course import course_root

INTERPRETER = Path(__file__).with_name("interpreter_of_another_system.py")
LEARN = [sys.executable, str(INTERPRETER), "-I", "-X", "utf8", "-m", "learn_torch.cli"]
SOLUTIONS = course_root() / "solutions" / "core" / "03_conv_output_shape"


@pytest.mark.parametrize(
    ("source", "code"),
    [((SOLUTIONS / "solution.py").read_bytes(), 0), (source_of(SOLUTIONS, "true_division"), 1)],
    ids=["right", "wrong"],
)
def test_a_check_on_such_a_system(source: bytes, code: int, tmp_path: Path) -> None:
    submission = tmp_path / "submission.py"
    submission.write_bytes(source)
    done = subprocess.run(
        [*LEARN, "check", "03", "--json", "--file", submission],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
    report = json.loads(done.stdout)
    assert report["verdict"] == ("passed" if code == 0 else "failed")
    assert {check["verdict"] for check in report["checks"]} <= {"passed", "failed"}


def test_fork_is_refused_there() -> None:
    done = subprocess.run(
        [*LEARN, "check", "03", "--launch", "fork", "--file", SOLUTIONS / "solution.py"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 3
    assert "cannot fork" in done.stderr
