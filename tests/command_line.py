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
from typing import Any

import pytest

from learn_torch.checking.checker import Checker, Launch
from learn_torch.cli import main
from learn_torch.course import course_root
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


def command(*arguments: object, **environment: str) -> dict[str, Any]:
    """How a process that runs `learn` is made."""
    return {
        "args": [sys.executable, "-m", "learn_torch.cli", *map(str, arguments)],
        "env": {**os.environ, "LEARN_LANG": "en", "PYTHONUTF8": "1", **environment},
    }


class WarmCheckers:
    """Makes checkers for `main` that share their engines, one for each way to start one."""

    def __init__(self) -> None:
        self._owners: dict[tuple[Launch | None, bool, bool], Checker] = {}

    def __call__(
        self,
        launch: Launch | None = None,
        *,
        gpu: bool = False,
        hidden: Sequence[Path] = (),
        confined: bool = True,
        require_full: bool = False,
    ) -> Checker:
        key = launch, gpu, confined
        if key not in self._owners:
            self._owners[key] = Checker(launch, gpu=gpu, confined=confined)
        self._owners[key].start()
        return _Lent(self._owners[key], gpu, hidden, confined, require_full)

    def close(self) -> None:
        for owner in self._owners.values():
            owner.close()


class _Lent(Checker):
    """A checker on another one's engine. Leaving it ends the templates of the graders that a test has written."""

    def __init__(
        self, owner: Checker, gpu: bool, hidden: Sequence[Path], confined: bool, require_full: bool
    ) -> None:
        super().__init__(owner.launch, gpu=gpu, hidden=hidden, confined=confined, require_full=require_full)
        self._engine, self._base, self._templates = owner._engine, owner.folder, owner._templates

    def close(self) -> None:
        for grader in [*self._templates]:
            if not grader.is_relative_to(course_root()):
                self._templates.pop(grader)[1].close()


def run_here(
    capfd: pytest.CaptureFixture[str],
    checkers: WarmCheckers,
    arguments: Sequence[object],
    cwd: Path,
    site: Path | None,
    environment: dict[str, str],
) -> Ran:
    """Run `learn` in this process by the `main` that the installed command has, and leave the process as it was.

    Args:
        capfd: has what is written, also by libraries below Python.
        checkers: make the checkers.
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
                main([*map(str, arguments)], make_checker=checkers)
        finally:
            gc.unfreeze()
            for number, handler in handlers.items():
                signal.signal(number, handler)
            for name in {*sys.modules} - loaded if site else ():
                if str(getattr(sys.modules[name], "__file__", "")).startswith(str(site)):
                    del sys.modules[name]
    assert isinstance(end.value.code, int)
    return Ran(end.value.code, *capfd.readouterr())
