"""Runs `learn` as a user does, a process of its own, or quickly, in this one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from learn_torch.cli import main
from learn_torch.language import speaking


@dataclass
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def command(*arguments: object, **environment: str) -> dict[str, Any]:
    """How a process that runs `learn` is made."""
    return {
        "args": [sys.executable, "-m", "learn_torch.cli", *map(str, arguments)],
        "env": {**os.environ, "LEARN_LANG": "en", "PYTHONUTF8": "1", **environment},
    }


@pytest.fixture
def learn(tmp_path: Path) -> Callable[..., Ran]:
    def run(*arguments: object, cwd: Path | None = None, **environment: str) -> Ran:
        made = command(*arguments, **environment)
        done = subprocess.run(**made, capture_output=True, cwd=cwd or tmp_path, timeout=600)
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


ENDING = [number for name in ("SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) is not None]


@pytest.fixture
def learn_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """Runs `learn` inside this process, which takes no time to start."""

    def run(*arguments: object, cwd: Path | None = None, **environment: str) -> Ran:
        with monkeypatch.context() as patched, speaking("en"):
            patched.chdir(cwd or tmp_path)
            for name, value in {"LEARN_LANG": "en", **environment}.items():
                patched.setenv(name, value)
            patched.setattr(sys, "argv", ["learn", *map(str, arguments)])
            patched.setattr(sys, "path", [*sys.path])
            handlers = {number: signal.getsignal(number) for number in ENDING}
            capfd.readouterr()
            try:
                with pytest.raises(SystemExit) as end:
                    main()
            finally:
                for number, handler in handlers.items():
                    signal.signal(number, handler)
        assert isinstance(end.value.code, int)
        return Ran(end.value.code, *capfd.readouterr())

    return run


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `learn` and leaves it running."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: object, **environment: str) -> subprocess.Popen[str]:
        made = command(*arguments, **environment)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(**made, **pipes, cwd=tmp_path, encoding="utf-8"))
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
