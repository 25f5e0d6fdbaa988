"""No process and no folder is left behind, however a check ends."""

from __future__ import annotations

import contextlib
import glob
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import needs_fork, verdicts
from learn_torch.checking.checker import Checker
from learn_torch.course import Catalogue, course_root

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

SOLUTION = course_root() / "solutions" / "core" / "03_conv_output_shape" / "solution.py"


def descendants(pid: int) -> set[int]:
    """The processes under `pid`, at any depth."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(path.parent.name)] = int(fields[1])
    found: set[int] = set()
    while True:
        more = {child for child, parent in parents.items() if parent in found | {pid}} - found
        if not more:
            return found
        found |= more


def alive(pids: set[int]) -> set[int]:
    """The processes that run; zombies do not count."""
    running = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state not in "ZX":
            running.add(pid)
    return running


def gone(pids: set[int]) -> bool:
    """Whether all of them exit; the kernel may need a moment for this."""
    for _ in range(200):
        if not alive(pids):
            return True
        time.sleep(0.05)
    return False


@needs_fork
def test_closing_the_checker_ends_everything(catalogue: Catalogue) -> None:
    before = descendants(os.getpid())
    with Checker("fork") as checker:
        report = checker.check(catalogue.resolve("core/03"), SOLUTION.read_bytes())
        assert report.verdict == "passed"
        started = descendants(os.getpid()) - before
        assert len(started) >= 2
    assert gone(started)


@pytest.mark.parametrize("launch", [pytest.param("fork", marks=needs_fork), "subprocess"])
def test_after_a_check_its_worker_is_dead_and_its_folder_gone(
    launch: str, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    source = b"""import contextlib, subprocess, sys
with contextlib.suppress(OSError):
    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(617)'])
"""
    with Checker(launch) as checker:  # type: ignore[arg-type]
        checker.prepare(catalogue.resolve("core/03"))
        before = descendants(os.getpid())
        report = checker.check(catalogue.resolve("core/03"), source + SOLUTION.read_bytes())
        assert report.verdict == "passed"
        assert gone(descendants(os.getpid()) - before)
    assert list(tmp_path.iterdir()) == []
    assert not any(b"time.sleep(617)" in command for command in commands())


def commands() -> Iterator[bytes]:
    """The command line of every process."""
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has exited in the meantime
            yield Path(path).read_bytes()


@pytest.mark.parametrize("launch", [pytest.param("fork", marks=needs_fork), "subprocess"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_check_leaves_no_process(launch: str, how: signal.Signals, tmp_path: Path) -> None:
    folders = tmp_path / "folders"
    folders.mkdir()
    submission = tmp_path / "03_conv_output_shape.py"
    submission.write_text("open('started', 'w').close()\nwhile True:\n    pass\n", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "learn_torch.cli", "check", "03", "--file", submission, "--launch", launch],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(folders)},
        start_new_session=True,  # as a terminal does, so that a signal to the group reaches all its processes
    )
    while not glob.glob(f"{folders}/*/*/scratch/started"):
        assert process.poll() is None
        time.sleep(0.02)
    children = descendants(process.pid)
    assert children
    if how == signal.SIGINT:
        os.killpg(process.pid, how)
    else:
        process.send_signal(how)
    _out, complaint = process.communicate(timeout=30)
    assert gone(children)
    if (
        how != signal.SIGKILL or launch == "fork"
    ):  # the engine exits after its client, and then removes the folder
        assert removed(folders)
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert b"Traceback" not in complaint


def removed(folder: Path) -> bool:
    """Whether a folder becomes empty; another process removes the files and may need a moment."""
    for _ in range(200):
        if not list(folder.iterdir()):
            return True
        time.sleep(0.05)
    return False


def test_two_checkers_at_once_do_not_meet(catalogue: Catalogue) -> None:
    exercise = catalogue.resolve("core/03")
    with Checker() as one, Checker() as other:
        one.prepare(exercise)
        other.prepare(exercise)
        assert one.check(exercise, SOLUTION.read_bytes()).verdict == "passed"
        report = other.check(exercise, b"import os\nos._exit(1)\n")
        assert set(verdicts(report).values()) == {"failed"}
        assert one.check(exercise, SOLUTION.read_bytes()).verdict == "passed"
