"""`learn` as a process of its own, a workspace, and a course."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from command_line import Ran, command


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `learn` and leaves it running."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: object, **environment: str) -> subprocess.Popen[str]:
        made = command(*arguments, **environment)
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(**made, stdout=pipe, stderr=pipe, cwd=tmp_path, encoding="utf-8"))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def workspace(learn: Callable[..., Ran], tmp_path: Path) -> Path:
    done = learn("init", tmp_path / "ws")
    assert done.code == 0, done.err
    return tmp_path / "ws"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A folder with a course of one exercise, `other/01`, whose reference run leaves a file `ran` beside the course."""
    root = tmp_path / "course"
    exercise = root / "exercises" / "other" / "01_sample"
    checks = root / "grader" / "checks" / "other"
    solutions = root / "solutions" / "other" / "01_sample"
    for folder in (exercise, checks, solutions):
        folder.mkdir(parents=True)
    (exercise.parent / "track.toml").write_text(
        'format_version = 1\nid = "other"\ntitle = { en = "Other", zh = "另" }\nexercises = ["01_sample"]\n',
        "utf-8",
    )
    (exercise / "exercise.toml").write_text(
        'format_version = 1\nid = "01"\nslug = "sample"\ntitle = { en = "Sample", zh = "样例" }\ntopics = ["tests"]\n'
        'functions = ["answer"]\nimports = []\nhints = [{ en = "a", zh = "甲" }]\n'
        '[[checks]]\nname = "test_answer"\ntitle = { en = "answers", zh = "回答" }\n',
        "utf-8",
    )
    for name in ("README.md", "README.zh.md"):
        (exercise / name).write_text("# Sample\n")
    (exercise / "stub.py").write_text("def answer():\n    raise NotImplementedError\n")
    planted = f"with open({str(tmp_path / 'ran')!r}, 'a') as file:\n    file.write(__name__)\n"
    (checks / "test_01_sample.py").write_text(f"{planted}def test_answer(submission):\n    pass\n")
    (solutions / "solution.py").write_text("def answer():\n    return 42\n")
    (solutions / "run.py").write_text(planted)
    return root
