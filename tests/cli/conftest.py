"""Runs `learn` as a user does: a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
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


@pytest.fixture
def learn(tmp_path: Path) -> Callable[..., Ran]:
    def run(*arguments: object, cwd: Path | None = None, **environment: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "learn_torch.cli", *map(str, arguments)],
            capture_output=True,
            cwd=cwd or tmp_path,
            env={**os.environ, "LEARN_LANG": "en", "PYTHONUTF8": "1", **environment},
            timeout=180,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def workspace(learn: Callable[..., Ran], tmp_path: Path) -> Path:
    done = learn("init", tmp_path / "ws")
    assert done.code == 0, done.err
    return tmp_path / "ws"
