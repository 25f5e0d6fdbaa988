"""Runs `learn` as a user does: a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


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
