"""A worker's time counts while it computes or sleeps, not while it waits for a processor."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from learn_torch.session.stopwatch import Stopwatch
from learn_torch.worker.confinement import keeper

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the clock counts elsewhere")

NOBODY = 2**22 + 1
"""No process has this process id: it is above the largest on Linux."""
BURN = "while True: pass"
THREADS = (
    "import threading, hashlib\n"
    "def burn():\n    while True: hashlib.sha256(bytes(1 << 20))\n"
    "for _ in range(3): threading.Thread(target=burn).start()"
)


@contextmanager
def running(*codes: str, idle: bool = False) -> Iterator[list[int]]:
    """Processes that run these lines; with `idle` they get a processor only if no other process needs it."""
    started = [
        subprocess.Popen([sys.executable, "-S", "-c", f"print(flush=True)\n{code}"], stdout=-1)
        for code in codes
    ]
    try:
        for process in started:
            assert process.stdout is not None
            process.stdout.readline()
            if idle:
                os.sched_setscheduler(process.pid, os.SCHED_IDLE, os.sched_param(0))
        yield [process.pid for process in started]
    finally:
        for process in started:
            process.kill()
            process.communicate()


def timed(pid: int, seconds: float, *, tree: bool = False) -> Stopwatch:
    """A stopwatch after this number of wall-clock seconds."""
    watch = Stopwatch(pid, tree=tree)
    watch.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.01)
        watch.look()
    watch.stop()
    return watch


def test_waiting_for_a_processor_does_not_count() -> None:
    everywhere = [BURN] * (2 * len(os.sched_getaffinity(0)))
    with running(*everywhere), running(BURN, idle=True) as (pid,):
        watch = timed(pid, 1.5)
    assert watch.counted < watch.on_the_clock / 2


def test_sleeping_counts() -> None:
    with running("import time; time.sleep(600)") as (pid,):
        watch = timed(pid, 0.5)
    assert watch.counted > 0.8 * watch.on_the_clock


def test_all_threads_count() -> None:
    with running(THREADS) as (pid,):
        before = time.clock_gettime((~pid << 3) | 2)
        watch = timed(pid, 0.5)
        after = time.clock_gettime((~pid << 3) | 2)
    assert watch.counted == pytest.approx(after - before, rel=0.3)


def test_short_answers_add_up() -> None:
    with running("import time; time.sleep(600)") as (pid,):
        watch = Stopwatch(pid, tree=False)
        for _ in range(30):
            watch.start()
            time.sleep(0.02)
            watch.stop()
    assert watch.counted > 0.6 * watch.on_the_clock


def test_the_children_of_a_tree_count() -> None:
    parent = (
        "import os, time\nparent = os.getpid()\nif os.fork() == 0:\n    while os.getppid() == parent: pass\n"
        "    os._exit(0)\ntime.sleep(600)"
    )
    with running(parent) as (pid,):
        before = children_seconds(pid)
        watch = timed(pid, 0.6, tree=True)
        assert watch.counted == pytest.approx(children_seconds(pid) - before, rel=0.3, abs=0.1)


def children_seconds(pid: int) -> float:
    """The CPU time of a process's only child."""
    while not (found := keeper.children(pid)):
        time.sleep(0.01)
    (child,) = found
    return time.clock_gettime((~child << 3) | 2)


def test_a_process_that_ends_while_it_is_looked_at_has_no_children(monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def ended(path: Any) -> Any:
        if str(path).endswith("/task"):
            raise ProcessLookupError(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", ended)
    assert keeper.children(NOBODY) == set()
