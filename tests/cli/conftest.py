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
            handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
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
