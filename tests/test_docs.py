"""What the documents show is true."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from authoring.conftest import fill_in
from command_line import Ran
from conftest import messages, verdicts
from learn_torch.report import Report

ROOT = Path(__file__).parents[1]


def blocks(document: str, kind: str) -> str:
    text = (ROOT / "docs" / document).read_text("utf-8")
    return "\n\n".join(re.findall(rf"^```{kind}\n(.*?)^```", text, re.DOTALL | re.MULTILINE))


@pytest.mark.parametrize("device", ["cpu", "simulated-cuda"])
def test_the_grader_of_graders_md_runs(grade: Callable[..., Report], device: str) -> None:
    report = grade(blocks("graders.md", "python"), blocks("graders.md", "python submission"), device=device)
    assert len(report.checks) >= 9
    assert set(verdicts(report).values()) == {"passed"}, messages(report)


@pytest.mark.slow
def test_the_commands_of_authoring_md_print_what_it_says(learn: Callable[..., Ran], tmp_path: Path) -> None:
    text = (ROOT / "docs" / "authoring.md").read_text("utf-8")
    steps = re.findall(r"^```(console|python triple.py)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert len(steps) == 8
    grader = tmp_path / "my-course/my_course/grader/checks/my_course/test_01_mean_of_squares.py"
    for number, (kind, block) in enumerate(steps):
        if kind != "console":
            (tmp_path / "triple.py").write_text(block, encoding="utf-8")
            continue
        if number == 2:
            fill_in(tmp_path / "my-course")
        if number == 6:
            grader.write_text(grader.read_text("utf-8").replace(", dtype=dtype)", ")"), encoding="utf-8")
        command, _newline, shown = block.partition("\n")
        arguments = command.removeprefix("$ learn ").split()
        ran = learn(*arguments)
        printed = re.sub(r"(?m)(?<=  )\d\.\d\d(?= )", "0.00", ran.out)
        parts = [re.escape(part) for part in shown.split("…\n")]
        assert re.fullmatch("(?s:.*)".join(parts), printed), f"{command}\n{printed}{ran.err}"


def test_every_name_of_the_testing_package_is_documented() -> None:
    from learn_torch import testing
    from learn_torch.testing import fixtures

    text = (ROOT / "docs" / "graders.md").read_text("utf-8")
    shown = {*re.findall(r"\b\w+\b", " ".join(re.findall(r"`[^`\n]+`|```python\n.*?```", text, re.DOTALL)))}
    public = {
        name
        for name, value in vars(fixtures).items()
        if name[0] != "_" and hasattr(value, "_fixture_function")
    }
    assert {"submission", "rng"} <= public
    assert {*testing.__all__, *public} - shown == set()


def test_security_md_names_every_hostile_submission_and_no_other() -> None:
    text = (ROOT / "docs" / "security.md").read_text("utf-8")
    shown = {name for name in re.findall(r"`([a-z_]+)`", text) if "_" in name}
    there = {path.stem for path in (ROOT / "tests" / "hostile" / "submissions").glob("*/*.py")}
    assert there <= set(re.findall(r"`([a-z_]+)`", text))
    assert shown - there <= {"no_new_privs", "oom_score_adj"}
    for path in re.findall(r"`((?:tests|\.ci)/[\w./]+)`", text):
        assert (ROOT / path).exists(), path


def test_security_md_speaks_of_every_promise() -> None:
    from learn_torch.worker.confinement.promises import PROMISES

    text = (ROOT / "docs" / "security.md").read_text("utf-8")
    for promise in PROMISES:
        assert f"**{promise.name}**" in text
