"""A check as a library call: its report, its events, its language, and ending it before its time."""

from __future__ import annotations

import hashlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from conftest import messages, needs_fork, verdicts
from judge.test_processes import descendants, gone
from learn_torch import hookimpl
from learn_torch.checking.cancelling import Cancellation
from learn_torch.checking.checker import Checker
from learn_torch.checking.checking import Checking
from learn_torch.checking.events import CheckEnded, Diagnosed, Event, Finished, Started, VerdictReached
from learn_torch.checking.syntax import syntax_error
from learn_torch.course import Catalogue, Exercise, course_root
from learn_torch.errors import Cancelled, DeviceError
from learn_torch.language import language, speaking
from learn_torch.plugins.manager import Plugins, make_plugin_manager
from learn_torch.report import Diagnosis

SOLUTIONS = course_root() / "solutions" / "core" / "03_conv_output_shape"
RIGHT = (SOLUTIONS / "solution.py").read_bytes()
STUB = course_root() / "exercises" / "core" / "03_conv_output_shape" / "stub.py"
WRONG = RIGHT.replace(b"// ", b"/ ")
HANGS = b"import pathlib\npathlib.Path('started').touch()\nwhile True:\n    pass\n"
GRADER = """
from learn_torch.testing import assert_value

def test_answer(submission):
    assert_value(submission.answer(), 42)
"""


@pytest.fixture(scope="module")
def checking() -> Iterator[Checking]:
    with Checking(make_plugin_manager()) as checking:
        yield checking


@pytest.fixture(scope="module")
def exercise(catalogue: Catalogue) -> Exercise:
    return catalogue.resolve("core/03")


def plugins_with(*others: object) -> Plugins:
    plugins = make_plugin_manager()
    for other in others:
        plugins.manager.register(other)
    return plugins


def test_a_report_says_which_file_was_judged_by_what(
    checking: Checking, exercise: Exercise, tmp_path: Path
) -> None:
    path = tmp_path / "mine.py"
    path.write_bytes(RIGHT)
    report = checking.check(exercise, path, seed=5)
    assert (report.verdict, report.seed, report.device) == ("passed", 5, "cpu")
    assert (report.file, report.sha256) == ("mine.py", hashlib.sha256(RIGHT).hexdigest())
    assert report.versions.python == ".".join(map(str, sys.version_info[:3]))
    assert report.grader == checking.check(exercise, WRONG).grader


def test_events_tell_of_the_verdict_before_the_diagnosis(checking: Checking, exercise: Exercise) -> None:
    heard: list[Event] = []
    report = checking.check(exercise, WRONG, listen=heard.append)
    kinds = [type(event) for event in heard]
    checks = len(exercise.manifest.checks)
    assert kinds == [Started, *[CheckEnded] * checks, VerdictReached, Diagnosed, Finished]
    assert isinstance(heard[0], Started)
    assert (heard[0].exercise, heard[0].file, heard[0].device) == (
        "core/03",
        "03_conv_output_shape.py",
        "cpu",
    )
    (verdict,) = [event.report for event in heard if isinstance(event, VerdictReached)]
    assert verdict.diagnosis is None
    assert report.diagnosis is not None
    assert report.diagnosis.mistake == "true_division"
    assert heard[-1] == Finished(report)
    told = [event.check for event in heard if isinstance(event, CheckEnded)]
    outcomes = [[(check.name, check.verdict) for check in checks] for checks in (told, report.checks)]
    assert outcomes[0] == outcomes[1]
    # Each is told by itself; the verdict knows which say nothing new, and a diagnosis says more than any help.
    assert any(check.message.startswith("not judged") for check in verdict.checks)
    assert any(isinstance(check.help, str) for check in told)
    assert not any(isinstance(check.help, str) for check in report.checks)
    silent = [msgspec.structs.replace(check, help=msgspec.UNSET) for check in verdict.checks]
    assert silent == list(report.checks)


def test_of_what_passes_no_mistake_is_looked_for(checking: Checking, exercise: Exercise) -> None:
    heard: list[Event] = []
    checking.check(exercise, RIGHT, listen=heard.append)
    checking.check(exercise, WRONG, listen=heard.append, diagnosing=False)
    assert not any(isinstance(event, Diagnosed) for event in heard)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "there is no file"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "not UTF-8"),
    ],
    ids=["missing", "folder", "bytes"],
)
def test_a_file_that_cannot_be_read_fails_every_check(
    checking: Checking, exercise: Exercise, tmp_path: Path, make: Callable[[Path], Any], words: str
) -> None:
    make(tmp_path / "mine.py")
    heard: list[Event] = []
    report = checking.check(exercise, tmp_path / "mine.py", listen=heard.append)
    assert set(verdicts(report).values()) == {"failed"}
    assert all(words in message for message in messages(report).values())
    assert (report.file, report.sha256) == ("mine.py", None)
    assert VerdictReached(report) in heard
    assert heard[-1] == Finished(report)


@pytest.mark.parametrize(
    "source",
    [
        b"def f(:\n    pass\n",
        b"if x:\n\ty = 1\n        z = 2\n",
        b"x = (1\n",
        "变量 = “1”\n".encode(),
        b"# coding: nothing\n",
        b'x = f"""\n{"""\n',
    ],
    ids=["a name is missing", "tabs", "never closed", "chinese quotes", "unknown encoding", "several lines"],
)
def test_a_file_that_is_not_python_has_the_report_of_a_judge_without_one(
    checking: Checking, exercise: Exercise, checker: Checker, source: bytes
) -> None:
    def no_checker(*_arguments: Any, **_options: Any) -> Any:
        return SimpleNamespace(close=lambda: None)

    with Checking(make_plugin_manager(), make_checker=no_checker) as alone:
        heard: list[Event] = []
        report = alone.check(exercise, source, seed=3, listen=heard.append)
    judged = checker.check(exercise, source, seed=3)
    assert msgspec.structs.replace(report, seconds=0, at=judged.at) == msgspec.structs.replace(
        judged, seconds=0
    )
    assert report.verdict == "failed"
    assert [event.check for event in heard if isinstance(event, CheckEnded)] == list(report.checks)


@pytest.mark.parametrize(
    "source",
    [
        b"-" * 100_000 + b"1",
        b"lambda:" * 10_000 + b"1",
        b"x = " + b"(" * 150 + b")" * 150,
        b"raise SyntaxError('mine')",
    ],
    ids=["signs", "lambdas", "brackets", "its own"],
)
def test_source_that_only_a_worker_can_judge_is_left_to_it(source: bytes) -> None:
    assert syntax_error(source) is None


def test_an_error_of_the_compiler_shows_its_line() -> None:
    error = syntax_error(b"x = 1\nreturn 5\n")
    assert error is not None
    assert [(line.number, line.text) for line in error.lines] == [(2, "return 5")]


def test_a_line_is_found_as_python_counts_lines() -> None:
    error = syntax_error("x = '\u2028'\n\x0c\nreturn 5\n".encode())
    assert error is not None
    assert [(line.number, line.text) for line in error.lines] == [(3, "return 5")]


def test_a_file_that_is_not_python_has_a_short_message_of_its_own_lines(
    checking: Checking, exercise: Exercise
) -> None:
    name = b"a" * 60_000
    report = checking.check(exercise, b"def f(" + name + b", " + name + b"): pass\n")
    assert all(len(check.message) <= 4000 for check in report.checks)
    report = checking.check(exercise, b"# coding: nothing\n")
    assert {check.message.count("\n") for check in report.checks} == {0}
    report = checking.check(exercise, b'x = f"""\nnot written yet\n{"""\n')
    assert not any("\nnot written yet" in check.message for check in report.checks)


def test_bytes_that_are_no_submission_fail_every_check(checking: Checking, exercise: Exercise) -> None:
    report = checking.check(exercise, b" \n")
    assert report.verdict == "failed"
    assert "03_conv_output_shape.py is empty" in report.checks[0].message


def test_a_device_that_no_check_has_is_refused(checking: Checking, exercise: Exercise) -> None:
    for device in ("gpu", "mps", "cuda:x"):
        with pytest.raises(DeviceError, match="no such device"):
            checking.check(exercise, RIGHT, device=device)
    assert checking.check(exercise, RIGHT, device="auto").device == "cpu"


def test_checks_in_two_threads_speak_their_own_languages(checking: Checking, exercise: Exercise) -> None:
    source = STUB.read_bytes()

    def check(lang: str) -> Any:
        return checking.check(exercise, source, lang=lang)

    with ThreadPoolExecutor(2) as pool:
        zh, en = pool.map(check, ["zh", "en"])
    assert (zh.language, en.language) == ("zh", "en")
    assert (zh.checks[0].title, en.checks[0].title) == ("普通卷积", "a plain convolution")
    assert "is not written yet" in en.checks[0].message
    assert "is not written yet" not in zh.checks[0].message
    assert language() == "en"


def test_a_thread_of_a_pool_speaks_the_language_of_whoever_made_the_checking(exercise: Exercise) -> None:
    class Speaks:
        @hookimpl
        def learn_before_check(self) -> str:
            return language()

    with speaking("zh"):
        made = Checking(plugins_with(Speaks()))
    with made as checking, ThreadPoolExecutor(1) as pool:
        checking.check(exercise, RIGHT)  # what starts the engine may take all the time of a diagnosis
        unread = pool.submit(checking.check, exercise, Path("nowhere.py")).result()
        failed = pool.submit(checking.check, exercise, WRONG).result()
    assert (unread.language, unread.checks[0].title) == ("zh", "普通卷积")
    assert "there is no file" not in unread.checks[0].message
    assert failed.diagnosis is not None
    assert not failed.diagnosis.message.isascii()
    assert isinstance(failed.notes, list)
    assert [note.text for note in failed.notes] == ["zh"]


def test_nothing_else_than_its_own_file_can_be_read(
    make_exercise: Callable[..., Exercise], tmp_path: Path
) -> None:
    """The pack is brought by no plugin, and the folder of the submission is in nobody's workspace."""
    hidden = [tmp_path / "others" / "theirs.py", tmp_path / "ws" / "notes.py"]
    exercise = make_exercise(GRADER)
    for path in hidden:
        path.parent.mkdir()
        path.write_text("answer = 42\n")
    mine = tmp_path / "others" / "mine.py"
    mine.write_text(
        f"def answer():\n    for path in {[*map(str, hidden), str(exercise.grader)]}:\n"
        "        try:\n            open(path).read()\n        except OSError:\n            continue\n"
        "        return path\n    return 42\n"
    )
    with Checking(make_plugin_manager(), workspace=tmp_path / "ws") as checking:
        report = checking.check(exercise, mine)
    assert report.verdict == "passed", messages(report)


def test_a_verdict_is_told_before_a_diagnosis_breaks(exercise: Exercise) -> None:
    class Breaks:
        @hookimpl
        def learn_diagnose(self) -> None:
            raise RuntimeError("broken")

    heard: list[Event] = []
    with Checking(plugins_with(Breaks())) as checking, pytest.raises(RuntimeError):
        checking.check(exercise, WRONG, listen=heard.append)
    assert isinstance(heard[-1], VerdictReached)
    assert heard[-1].report.verdict == "failed"


def test_an_answer_of_a_plugin_is_a_diagnosis_and_the_judge_may_be_asked_again(exercise: Exercise) -> None:
    asked: list[Any] = []

    class Names:
        @hookimpl
        def learn_diagnose(self, examine: Callable[..., Any]) -> Diagnosis:
            asked.append(examine(only=["test_padding"], seed=0, hidden=[]))
            return Diagnosis("named", "here\x1b[2J")

    with Checking(plugins_with(Names())) as checking:
        report = checking.check(exercise, WRONG)
    assert report.diagnosis == Diagnosis("named", "here\\x1b[2J")
    assert [test.name for test in asked[0].tests] == ["test_padding"]


def wait_for(found: Callable[[], object]) -> None:
    while not found():
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("launch", [pytest.param("fork", marks=needs_fork), "subprocess"])
def test_a_cancelled_check_leaves_nothing_and_the_next_one_is_made(
    launch: Any, exercise: Exercise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with Checking(make_plugin_manager(), launch=launch) as checking, ThreadPoolExecutor(1) as pool:
        assert checking.check(exercise, RIGHT).verdict == "passed"
        wait_for(lambda: not list(tmp_path.glob("*/*")))
        before = descendants(os.getpid())
        cancellation = Cancellation()
        heard: list[Event] = []
        running = pool.submit(checking.check, exercise, HANGS, listen=heard.append, cancellation=cancellation)
        wait_for(lambda: running.done() or list(tmp_path.glob("*/*/scratch/started")))
        during = descendants(os.getpid()) - before
        assert during
        cancellation.cancel()
        with pytest.raises(Cancelled):
            running.result()
        assert gone(during)
        assert not list(tmp_path.glob("*/*"))
        assert [type(event) for event in heard] == [Started]
        assert checking.check(exercise, RIGHT).verdict == "passed"


def test_a_diagnosis_can_be_cancelled_and_no_plugin_is_blamed(exercise: Exercise) -> None:
    cancellation = Cancellation()

    class Waits:
        @hookimpl
        def learn_diagnose(self, examine: Callable[..., Any]) -> None:
            cancellation.cancel()
            examine(seed=0)

    plugins = plugins_with()
    plugins.manager.register(Waits(), "waits")
    plugins.installed.add("waits")
    heard: list[Event] = []
    with Checking(plugins) as checking, pytest.raises(Cancelled):
        checking.check(exercise, WRONG, listen=heard.append, cancellation=cancellation)
    assert isinstance(heard[-1], VerdictReached)
    assert plugins.broken == []


def test_a_check_that_waits_for_another_one_can_be_cancelled(checking: Checking, exercise: Exercise) -> None:
    first, second = Cancellation(), Cancellation()
    began = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(checking.check, exercise, HANGS, cancellation=first)
        waiting = pool.submit(
            checking.check, exercise, RIGHT, listen=lambda _event: began.set(), cancellation=second
        )
        began.wait()
        second.cancel()
        with pytest.raises(Cancelled):
            waiting.result()
        first.cancel()
        with pytest.raises(Cancelled):
            running.result()
