"""Runs `learn`: in this process, with checks from engines that are warm, or as a process of its own."""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import pytest

from learn_torch.checking.checker import Checker, Launch
from learn_torch.cli import main
from learn_torch.engine.engine import Engine, can_fork
from learn_torch.language import speaking

ENDING = [number for name in ("SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) is not None]


@dataclass
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Command(TypedDict):
    """Arguments of `subprocess.run` and `subprocess.Popen`."""

    args: list[str]
    env: dict[str, str]


def command(*arguments: object, **environment: str) -> Command:
    """How a process that runs `learn` is made."""
    return {
        "args": [sys.executable, "-m", "learn_torch.cli", *map(str, arguments)],
        "env": {**os.environ, "LEARN_LANG": "en", "PYTHONUTF8": "1", **environment},
    }


class WarmEngines:
    """Engines for the checkers of many commands: one that sees the machine's cards, and one that does not."""

    def __init__(self) -> None:
        self._engines: dict[bool, tuple[Engine, str]] = {}

    def checker(self, launch: Launch | None = None, *, gpu: bool = False, **options: Any) -> Checker:
        """A checker on an engine that is warm, where it would start one of its own."""
        if launch == "subprocess" or not can_fork():
            return Checker(launch, gpu=gpu, **options)
        if gpu not in self._engines:
            engine = Engine(gpu=gpu, many=True)
            self._engines[gpu] = engine, engine.listen()
        return Checker(launch, gpu=gpu, engine=self._engines[gpu][1], **options)

    def close(self) -> None:
        for engine, _address in self._engines.values():
            engine.close()


def run_here(
    capfd: pytest.CaptureFixture[str],
    engines: WarmEngines,
    arguments: Sequence[object],
    cwd: Path,
    site: Path | None,
    environment: dict[str, str],
) -> Ran:
    """Run `learn` in this process by the `main` that the installed command has, and leave the process as it was.

    Args:
        capfd: has what is written, also by libraries below Python.
        engines: for its checkers.
        arguments: what stands behind `learn`.
        cwd: the current folder.
        site: a folder of packages, as if it was installed.
        environment: variables.
    """
    loaded = {*sys.modules}
    with pytest.MonkeyPatch.context() as patched, speaking("en"):
        patched.chdir(cwd)
        for name, value in {"LEARN_LANG": "en", **environment}.items():
            patched.setenv(name, value)
        patched.setattr(sys, "path", [*([str(site)] if site else []), *sys.path])
        importlib.invalidate_caches()
        handlers = {number: signal.getsignal(number) for number in ENDING}
        capfd.readouterr()
        try:
            with pytest.raises(SystemExit) as end:
                main([*map(str, arguments)], make_checker=engines.checker)
        finally:
            gc.unfreeze()
            for number, handler in handlers.items():
                signal.signal(number, handler)
            for name in {*sys.modules} - loaded if site else ():
                if str(getattr(sys.modules[name], "__file__", "")).startswith(str(site)):
                    del sys.modules[name]
    assert isinstance(end.value.code, int)
    return Ran(end.value.code, *capfd.readouterr())
