"""Hostile submissions: each uses one technique, which its docstring explains. None may succeed.

The submissions are in `submissions/`, grouped by their aim. Each is checked as a submission for core/03 (those in
`arithmetic` for core/06), next to a world that it must not reach (`world.py`). Then the reference is checked and must
pass. A submission prints `BREACH` if its attack succeeds. `test_controls.py` shows that each attack succeeds without the
judge and its confinement.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from hostile.world import World
from learn_torch.checking.checker import Checker, Launch
from learn_torch.course import Catalogue, Exercise
from learn_torch.report import Report, to_json
from learn_torch.worker import confinement

SUBMISSIONS = sorted((Path(__file__).parent / "submissions").glob("*/*.py"))
CAN_BE_FULL = sys.platform == "linux" and confinement.expected_isolation() == "full"
pytestmark = pytest.mark.skipif(not CAN_BE_FULL, reason="submissions cannot be fully isolated here")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("hostile") / "outside")
    yield world
    world.close()


GRADER = """\
from learn_torch.testing import assert_value
def test_kernel_alone(submission):
    assert_value(submission.conv_output_shape((1, 3, 8, 8), 6, 3), (1, 6, 6, 6))
def test_batch_and_channels(submission):
    assert_value(submission.conv_output_shape((2, 3, 8, 8), 6, 3), (2, 6, 6, 6))
def test_same_padding(submission):
    assert_value(submission.same_padding(3), 1)
def test_same_padding_dilated(submission):
    assert_value(submission.same_padding(3, dilation=2), 2)
"""


def exercise_for(path: Path, exercise: Exercise) -> Exercise:
    """The exercise, with processes for the submissions in `trees`."""
    manifest = msgspec.structs.replace(exercise.manifest, processes=path.parent.name == "trees")
    return Exercise(exercise.track, exercise.folder, manifest)


@pytest.fixture
def core(catalogue: Catalogue, path: Path) -> Exercise:
    """core/03, or core/06 for `arithmetic`, with a shorter time limit, because some submissions use it up."""
    exercise = catalogue.resolve("core/06" if path.parent.name == "arithmetic" else "core/03")
    manifest = msgspec.structs.replace(exercise.manifest, time_limit=4.0)
    return Exercise(exercise.track, exercise.folder, manifest)


@pytest.fixture
def light(make_exercise: Callable[..., Exercise], path: Path) -> Exercise:
    """Some checks of core/03; without torch if the submission does not use it, because its processes start faster."""
    imports = '["torch"]' if "import torch" in path.read_text("utf-8") else "[]"
    return make_exercise(GRADER, imports=imports, time_limit=4)


@pytest.fixture(scope="module", params=["fork", pytest.param("subprocess", marks=pytest.mark.slow)])
def hostile_checker(
    request: pytest.FixtureRequest, world: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Checker]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARN_TEST_SECRET", world.secret)
        # All processes of a check inherit this variable. It distinguishes survivors from other processes.
        patch.setenv("TMPDIR", str(tmp_path_factory.mktemp("sessions")))
        patch.setattr("tempfile.tempdir", None)
        with Checker(request.param, hidden=[world.outside], require_full=True) as checker:
            yield checker


class Usage:
    """The smallest free memory and disk space during a check."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._over = threading.Event()
        self.memory = self.memory_at_first = self._free_memory()
        self.disk = self.disk_at_first = self._free_disk()
        self._thread = threading.Thread(target=self._sample)

    def _sample(self) -> None:
        while not self._over.wait(0.02):
            self.memory = min(self.memory, self._free_memory())
            self.disk = min(self.disk, self._free_disk())

    @staticmethod
    def _free_memory() -> int:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))

    def _free_disk(self) -> int:
        found = os.statvfs(self._folder)
        return found.f_bavail * found.f_frsize

    def __enter__(self) -> Usage:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def marked(mark: Path) -> set[int]:
    """Every process that was started with this folder in its environment, as far as we may read it; no zombies."""
    found = set()
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state = (path / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
            if state not in "ZX" and os.fsencode(mark) in (path / "environ").read_bytes():
                found.add(int(path.name))
    return found


def survivors(before: set[int], mark: Path) -> set[int]:
    """The processes that run now and did not before; waits a moment for processes that are being killed."""
    for _ in range(100):
        left = marked(mark) - before
        if not left:
            return set()
        time.sleep(0.05)
    return left


def assert_safe(report: Report, world: World) -> None:
    """The report is safe to show."""
    text = to_json(report)
    document = json.loads(text)
    assert document["schema"] == 2
    assert world.secret not in text
    assert "BREACH" not in text, text
    for check in report.checks:
        shown = f"{check.message}\n{check.output if isinstance(check.output, str) else ''}"
        assert all(c.isprintable() or c in "\n\t" for c in shown)
        assert not any(line.lstrip().startswith("::") for line in shown.splitlines())
        assert "##[" not in shown


# They use up a limit, or change the arithmetic of whole trainings.
LONG = ["arithmetic", "bombs", "trees"]
CASES = [pytest.param(p, marks=pytest.mark.slow) if p.parent.name in LONG else p for p in SUBMISSIONS]


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_hostile_submission_gets_nowhere(
    path: Path, hostile_checker: Checker, world: World, core: Exercise, light: Exercise
) -> None:
    whole = hostile_checker.launch == "fork" or path.parent.name == "arithmetic"
    exercise = exercise_for(path, core if whole else light)
    if exercise.manifest.processes and confinement.expected_isolation(processes=True) != "full":
        pytest.skip("worker processes cannot be fully isolated here")
    solution = (core.solutions / "solution.py").read_bytes()
    hostile_checker.prepare(exercise)
    before = marked(hostile_checker.folder.parent)
    with Usage(world.outside) as usage:
        report = hostile_checker.check(exercise, world.fill_in(path.read_text("utf-8")))
    assert report.verdict == "failed", [check.message for check in report.checks]
    assert report.points <= report.max_points / 2  # a false answer may be right by accident
    assert report.isolation == "full"
    assert_safe(report, world)
    assert world.changes() == {}
    assert survivors(before, hostile_checker.folder.parent) == set()
    base = hostile_checker.folder
    assert list(base.iterdir()) == []
    assert usage.memory_at_first - usage.memory < 4 * 2**30
    assert usage.disk_at_first - usage.disk < 3 * 2**30
    assert hostile_checker.check(exercise, solution).verdict == "passed"


HOLDING = """\
'''Shapes: def conv2d_shape(, shapes are those of the judge's own.'''
from learn_torch.testing import assert_value
def expected():
    # what the kernel takes away, and padding has to give back
    return "{secret}"
def test_same_padding_impossible(submission):
    assert_value(submission.same_padding(3), expected())
"""


@pytest.mark.parametrize("launch", ["fork", pytest.param("subprocess", marks=pytest.mark.slow)])
def test_nothing_of_the_judge_lies_in_the_memory_of_a_worker(
    launch: Launch, world: World, make_exercise: Callable[..., Exercise], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No grader, no expected value, no random seed, no earlier submission, no secret of the environment."""
    walker = Path(__file__).with_name("submissions") / "forging" / "walks_the_heap.py"
    exercise = make_exercise(HOLDING.format(secret=world.secret), time_limit=60)
    monkeypatch.setenv("LEARN_TEST_SECRET", world.secret)
    before = f"def same_padding(kernel_size):\n    return '{world.secret}'\n"
    seed = int.from_bytes(b"lairseed", "big")
    # A new engine, because the other tests' engine has loaded more and would take longer to search.
    with Checker(launch, require_full=True) as checker:
        assert checker.check(exercise, before.encode(), seed=seed).verdict == "passed"
        report = checker.check(exercise, world.fill_in(walker.read_text("utf-8")), seed=seed)
    (check,) = report.checks
    assert isinstance(check.output, str)
    assert "BREACH" not in check.output
    # The search really ran: torch alone has a hundred thousand objects.
    counts = dict(line.split() for line in check.output.splitlines())
    assert int(counts["objects"]) > 100_000
    assert int(counts["bytes"]) > 16 * 2**20


def test_every_message_with_broken_metadata_is_refused(
    hostile_checker: Checker, world: World, make_exercise: Callable[..., Exercise]
) -> None:
    sender = Path(__file__).with_name("submissions") / "forging" / "broken_tensor_metadata.py"
    grader = "from learn_torch.testing import assert_value\n" + "".join(
        f"def test_{number}(submission):\n    assert_value(submission.same_padding(3, dilation={number}), 1)\n"
        for number in range(16)
    )
    report = hostile_checker.check(
        make_exercise(grader, time_limit=60), world.fill_in(sender.read_text("utf-8"))
    )
    assert [check.verdict for check in report.checks] == ["failed"] * 16
    shown = "".join(check.output or "" for check in report.checks)
    assert all(f"sends message {number}\n" in shown for number in range(16)), shown


def test_a_survivor_would_be_found(tmp_path: Path) -> None:
    daemon = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], env={"TMPDIR": str(tmp_path)}
    )
    try:
        assert survivors(set(), tmp_path) == {daemon.pid}
    finally:
        daemon.kill()
        daemon.wait()
    assert survivors(set(), tmp_path) == set()


def test_there_are_enough_and_each_says_what_it_tries() -> None:
    assert len(SUBMISSIONS) >= 60
    for path in SUBMISSIONS:
        text = re.sub(r"@[A-Z_]+@", "1", path.read_text("utf-8"))  # see `World.fill_in`
        assert ast.get_docstring(ast.parse(text)), path
