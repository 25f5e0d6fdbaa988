"""Every hostile submission succeeds where nothing stops it. So `test_hostile.py` does not pass because of bad attacks."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Any

import pytest

from hostile import cage
from hostile.controls import CONTROLS, SUBMISSIONS
from hostile.world import World

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the attacks are made for Linux")


def run(order: cage.Order) -> cage.Seen:
    try:
        return cage.run(order)
    except cage.NoCageError as error:
        pytest.skip(f"hostile submissions need namespaces to run unconfined: {error}")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if control.slow or name.startswith("bombs/") else name
        for name, control in CONTROLS.items()
    ],
)
def test_an_attack_succeeds_where_nothing_stops_it(name: str) -> None:
    order = CONTROLS[name].order(name)
    if "libc.syscall(" in order.source and platform.machine() != "x86_64":
        pytest.skip("it uses the system call numbers of x86-64")
    seen = run(order)
    assert seen.missing == [], seen.output[-2000:]


def test_every_submission_has_its_control() -> None:
    assert set(CONTROLS) == {f"{path.parent.name}/{path.stem}" for path in SUBMISSIONS.glob("*/*.py")}


def test_a_harmless_submission_fails_every_control() -> None:
    order = cage.Order(
        "def same_padding(kernel_size, dilation=1):\n    return dilation * (kernel_size - 1) // 2\n",
        ["-m", "hostile.naive", "calls"],
        says=["BREACH"],
        changes=["files", "victim", "_tcp"],
        took={"processes": 4, "memory": 2**28, "disk": 2**24, "files": 100, "open": 2**20, "output": 100},
        left=1,
        ends="stopped",
    )
    seen = run(order)
    assert seen.output == "loaded\n"
    assert seen.ended == "exit 0"
    assert len(seen.missing) == 12, seen


def test_what_disappears_while_it_is_looked_at_is_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def gone_before(path: Any) -> Any:
        if Path(path).name == "empty":
            os.rmdir(path)
        return scandir(path)

    world = World(tmp_path / "outside")
    monkeypatch.setattr(os, "scandir", gone_before)
    try:
        assert list(world.changes()) == ["files"]
    finally:
        monkeypatch.undo()
        world.close()
