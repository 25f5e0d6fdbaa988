"""Limits of a submission: time, memory, disk, answers; and limits of the judge itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import messages, needs_fork, verdicts
from learn_torch import wire
from learn_torch.checking.checker import Checker
from learn_torch.course import Exercise
from learn_torch.engine.workers import RunningWorker, Workers
from learn_torch.report import Report
from learn_torch.session.faults import WorkerLost
from learn_torch.session.session import Session
from learn_torch.wire import messages as messages_
from learn_torch.wire.channel import Channel
from learn_torch.wire.decoding import Budget, Decoder, Overspent
from learn_torch.worker import confinement

Grade = Callable[..., Report]

HEAD = "import pytest\nimport torch\nfrom learn_torch.testing import *\n"
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def grader(*body: str) -> str:
    return HEAD + "def test_it(submission, sandbox):\n" + "".join(f"    {line}\n" for line in body)


# --- answers ----------------------------------------------------------------------------------------------------------


def test_answers_are_bounded_in_sum(grade: Grade) -> None:
    source = "import torch\ndef answer(x):\n    return torch.zeros(10_000_000)\n"
    report = grade(grader("for x in range(50):", "    submission.answer(x)"), source)
    assert verdicts(report) == {"it": "failed"}
    assert "its answers are larger than a check may give" in messages(report)["it"]


def test_each_check_has_a_sum_of_its_own(grade: Grade) -> None:
    tests = "".join(
        f"def test_{n}(submission):\n    for x in range(3):\n        submission.answer(x)\n" for n in range(4)
    )
    report = grade(HEAD + tests, "import torch\ndef answer(x):\n    return torch.zeros(10_000_000)\n")
    assert report.verdict == "passed", messages(report)


def test_items_are_bounded_in_sum(grade: Grade) -> None:
    report = grade(
        grader("for x in range(50):", "    submission.answer(x)"),
        "def answer(x):\n    return [0] * 190_000\n",
    )
    assert "its answers are larger than a check may give" in messages(report)["it"]


def test_a_long_range_stays_in_the_worker_and_a_short_one_comes(grade: Grade) -> None:
    lines = ["assert_value(submission.answer(5), range(5))"]
    lines += [f"assert is_handle(submission.answer({n}))" for n in (10**6, 2**62, 2**63 - 1)]
    report = grade(grader(*lines), "def answer(n):\n    return range(n)\n")
    assert report.verdict == "passed", messages(report)


LIES = """
from learn_torch.worker import worker
from learn_torch.wire import messages
from learn_torch import wire
import builtins
encode = messages.encode
def lie(value):
    def answer(message):
        return encode(messages.Answer(value) if isinstance(message, messages.Answer) else message)
    messages.encode = answer
"""


LYING: dict[str, Callable[[Any], bool]] = {
    "wire.Range(0, 6_000_000, 1)": lambda found: len(found) == 6_000_000,
    "wire.Range(0, 2**62, 1)": lambda found: len(found) == 2**62,
    "wire.Size([0] * 250_000)": lambda found: len(found) == 250_000,
    "wire.Picture('1', (22_000, 22_000), bytes(2750 * 22_000), None)": lambda found: (
        found.size == (22_000, 22_000)
    ),
    "wire.List([wire.Range(0, 150_000, 1)] * 9)": lambda found: sum(map(len, found)) == 9 * 150_000,
}
"""Values on the wire that are expensive for a receiver that trusts them."""


@pytest.mark.parametrize("value", LYING)
def test_without_limits_the_judge_would_take_it(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("MAX_ITEMS", "MAX_PIXELS"):
        monkeypatch.setattr(wire, limit, 2**64)
    decoder = Decoder(lambda held: held, lambda tensor, _value: tensor, Budget(2**64, 2**64))
    assert LYING[value](decoder.decode(eval(value)))


@pytest.mark.parametrize("value", LYING)
def test_a_lying_worker_fails_its_check_and_not_the_judge(grade: Grade, value: str) -> None:
    source = LIES + f"def answer():\n    lie({value})\ndef other():\n    return 2\n"
    tests = (
        "def test_it(submission):\n    found = submission.answer()\n    assert sum(1 for _ in found) == 3\n"
        "def test_next(submission):\n    assert_value(submission.other(), 2)\n"
    )
    report = grade(HEAD + tests, source)
    assert verdicts(report) == {"it": "failed", "next": "passed"}
    assert "could not be read" in messages(report)["it"]


def test_what_is_fetched_is_of_the_kind_that_it_was(grade: Grade) -> None:
    source = (
        "from learn_torch.wire import messages\n"
        "from learn_torch.worker import worker\n"
        "do = worker.Worker._do\n"
        "def lying(self, request):\n"
        "    value, deep, hold = do(self, request)\n"
        "    return (range(9), False, False) if isinstance(request, messages.Fetch) else (value, deep, hold)\n"
        "worker.Worker._do = lying\n"
        "def answer():\n    return 1\n"
    )
    lines = ["submission.answer()", "handle = sandbox.put([1, 2, 3])", "assert sum(plain(handle)) == 36"]
    report = grade(grader(*lines), source)
    assert verdicts(report) == {"it": "failed"}
    assert "builtins.list became builtins.range" in messages(report)["it"]


@linux
def test_a_judge_that_runs_out_of_memory_fails_the_check_with_a_message(grade: Grade) -> None:
    tests = (
        "def test_python(submission):\n    bytearray(submission.answer(2**40))\n"
        "def test_torch(submission):\n    torch.zeros(submission.answer(2**40))\n"
        "def test_next(submission):\n    assert_value(submission.answer(2), 2)\n"
    )
    report = grade(HEAD + tests, "def answer(n):\n    return n\n")
    assert verdicts(report) == {"python": "failed", "torch": "failed", "next": "passed"}
    assert "what came back takes more memory than a check may use" in messages(report)["python"]


# --- time -------------------------------------------------------------------------------------------------------------


def test_one_slow_call_does_not_shorten_the_others(grade: Grade) -> None:
    tests = (
        "def test_hangs(submission):\n    submission.hangs()\n"
        "def test_again(submission):\n    submission.hangs()\n"
        "def test_slow(submission):\n    assert_value(submission.slow(), 1)\n"
    )
    source = (
        "import time\ndef hangs():\n    while True: pass\n"
        "def slow():\n    start = time.process_time()\n    while time.process_time() < start + 0.8: pass\n    return 1\n"
    )
    report = grade(HEAD + tests, source, time_limit=5)
    assert verdicts(report) == {"hangs": "failed", "again": "failed", "slow": "passed"}


def test_sleeping_takes_time_as_computing_does(grade: Grade) -> None:
    source = "import time\ndef answer():\n    time.sleep(1000)\n"
    report = grade(grader("submission.answer()"), source, time_limit=4)
    assert "within 1 seconds" in messages(report)["it"]


def test_many_short_sleeps_add_up(grade: Grade) -> None:
    source = "import time\ndef answer():\n    while True:\n        time.sleep(0.03)\n        yield 1\n"
    report = grade(grader("for _ in submission.answer(): pass"), source, time_limit=2)
    assert verdicts(report) == {"it": "failed"}


def test_a_time_out_names_what_was_asked_when_it_came(grade: Grade) -> None:
    source = (
        "class Slow:\n    def __getitem__(self, i):\n        while True: pass\n"
        "    @property\n    def weight(self):\n        while True: pass\n"
        "    def __len__(self):\n        while True: pass\n"
        "    def __add__(self, other):\n        while True: pass\n"
        "def answer():\n    return Slow()\ndef quick(x):\n    return x\n"
    )
    asked = {"item": "made[3]", "attribute": "made.weight", "length": "len(made)", "sum": "made + 1"}
    tests = "".join(
        f"def test_{name}(submission):\n    made = submission.answer()\n    submission.quick(7)\n    {text}\n"
        for name, text in asked.items()
    )
    found = messages(grade(HEAD + tests, source, time_limit=4))
    assert "asked      answer()[3]" in found["item"]
    assert "asked      answer().weight" in found["attribute"]
    assert "asked      len(answer())" in found["length"]
    assert "asked      add answer()" in found["sum"]
    assert not any("quick" in message for message in found.values())


def test_a_hanging_import_ends(grade: Grade) -> None:
    report = grade(grader("submission.answer()"), "while True: pass\n", time_limit=1)
    assert "importing 01_sample.py took longer than 7 seconds" in messages(report)["it"]


# --- the worker between two requests ----------------------------------------------------------------------------------


@linux
def test_a_worker_stands_still_while_it_is_not_asked(grade: Grade) -> None:
    source = (
        "import threading, time\n"
        "def burn():\n    while True: pass\n"
        "threading.Thread(target=burn, daemon=True).start()\n"
        "def used():\n    return time.process_time()\n"
    )
    lines = [
        "import time",
        "first = submission.used()",
        "end = time.monotonic() + 1.0",
        "while time.monotonic() < end: pass",
        "assert submission.used() - first < 0.5",
    ]
    report = grade(grader(*lines), source)
    assert report.verdict == "passed", messages(report)


# --- disk and files ---------------------------------------------------------------------------------------------------

HIDING = {
    "many folders": (
        "files",
        "for i in range(1400):\n    os.mkdir(f'd{i}')\n"
        "for name in [e.name for e in os.scandir('.')][260:]:\n"
        "    for j in range(30): os.close(os.open(f'{name}/{j}', os.O_CREAT | os.O_WRONLY))\n",
    ),
    "a large file in one of many folders": (
        "disk",
        "for i in range(1400):\n    os.mkdir(f'd{i}')\n"
        "names = [e.name for e in os.scandir('.')][300:]\n"
        "for k in range(3):\n"
        "    with open(f'{names[k]}/big', 'wb', buffering=0) as f:\n"
        "        for _ in range(200): f.write(bytes(1 << 20))\n",
    ),
    "folders inside each other": ("files", "for i in range(150):\n    os.mkdir('d')\n    os.chdir('d')\n"),
}


@linux
@pytest.mark.parametrize("kind", HIDING)
def test_what_is_hidden_in_folders_counts(grade: Grade, kind: str) -> None:
    what, hiding = HIDING[kind]
    source = f"import os, time\n{hiding}def answer():\n    time.sleep(0.3)\n    return 1\n"
    report = grade(grader("assert_value(submission.answer(), 1)"), source)
    wanted = {"files": "more files than a check may", "disk": "more to disk than a check may"}
    assert wanted[what] in messages(report)["it"]


@linux
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root can look into every folder")
def test_a_folder_that_cannot_be_looked_into_counts_as_overuse(grade: Grade) -> None:
    source = "import os, time\nos.mkdir('closed', 0o300)\ndef answer():\n    time.sleep(0.3)\n    return 1\n"
    report = grade(grader("assert_value(submission.answer(), 1)"), source)
    assert "more files than a check may" in messages(report)["it"]


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folders of sessions are in memory."""
    if not os.access("/dev/shm", os.W_OK):
        pytest.skip("there is no /dev/shm")
    monkeypatch.setenv("TMPDIR", "/dev/shm")
    monkeypatch.setattr("tempfile.tempdir", None)


@linux
@pytest.mark.usefixtures("in_memory")
def test_files_in_memory_count_as_memory(make_exercise: Callable[..., Exercise]) -> None:
    exercise = make_exercise(grader("assert_value(submission.answer(), 1)"), extra='memory = "128 MiB"')
    source = (
        b"import time\n"
        b"with open('big', 'wb', buffering=0) as f:\n    for _ in range(200): f.write(bytes(1 << 20))\n"
        b"def answer():\n    time.sleep(0.3)\n    return 1\n"
    )
    with Checker() as checker:
        assert "more memory than the exercise allows" in messages(checker.check(exercise, source))["it"]
        small = source.replace(b"range(200)", b"range(20)")
        assert checker.check(exercise, small).verdict == "passed"


@linux
@pytest.mark.usefixtures("in_memory")
@pytest.mark.skipif(confinement.expected_isolation(processes=True) != "full", reason="no trees here")
def test_a_tree_can_write_its_scratch_folder_where_it_lies_in_memory(
    make_exercise: Callable[..., Exercise],
) -> None:
    exercise = make_exercise(grader("assert_value(submission.answer(), 'yes')"), extra="processes = true")
    source = b"""
import os, multiprocessing, tempfile
def child(path):
    with open(path, "w") as f: f.write("yes")
def answer():
    path = os.path.join(os.getcwd(), "file")
    process = multiprocessing.get_context("fork").Process(target=child, args=(path,))
    process.start(); process.join()
    tempfile.NamedTemporaryFile().close()
    return open("file").read()
"""
    with Checker() as checker:
        report = checker.check(exercise, source)
        assert report.verdict == "passed", messages(report)
        assert report.isolation == "full"
        planted = source.replace(b"def answer():", b"def answer():\n    open('../given/planted', 'w')")
        assert "Read-only file system" in messages(checker.check(exercise, planted))["it"]
        assert list(checker.folder.iterdir()) == []


NAMELESS = {
    "deleted files": "fd = os.open(f'f{{k}}', os.O_CREAT | os.O_WRONLY); os.unlink(f'f{{k}}')",
    "deleted shared memory": "fd = os.open(f'/dev/shm/f{{k}}', os.O_CREAT | os.O_WRONLY); os.unlink(f'/dev/shm/f{{k}}')",
    "shared memory": "fd = os.open(f'/dev/shm/g{{k}}', os.O_CREAT | os.O_WRONLY)",
    "memory files": "fd = os.memfd_create(f'm{{k}}')",
}


@linux
@pytest.mark.parametrize("kind", NAMELESS)
@pytest.mark.skipif(confinement.expected_isolation(processes=True) != "full", reason="no trees here")
def test_a_tree_cannot_hide_what_it_takes_in_files_without_a_name(grade: Grade, kind: str) -> None:
    source = f"""
import os, time
block, fds, made = bytes(1 << 20), [], 0
try:
    for k in range(5):
        {NAMELESS[kind].format()}
        fds.append(fd)
        for _ in range(160): made += os.write(fd, block)
except OSError:
    pass
time.sleep(0.5)
def answer():
    time.sleep(0.5)
    return made >> 20
"""
    report = grade(
        grader("assert submission.answer() < 700"), source, extra='processes = true\nmemory = "512 MiB"'
    )
    if kind != "memory files" or report.verdict != "passed":  # without memory files it took nothing
        assert verdicts(report) == {"it": "failed"}
        assert (
            "the process ended" in messages(report)["it"] or "ended its own process" in messages(report)["it"]
        )


# --- descriptors ------------------------------------------------------------------------------------------------------

OPEN = """
import os, stat
def answer():
    found = []
    for fd in range(4096):
        try:
            mode = os.fstat(fd).st_mode
        except OSError:
            continue
        if fd > 2:
            found.append("socket" if stat.S_ISSOCK(mode) else "pipe" if stat.S_ISFIFO(mode) else "other")
    return sorted(found)
"""


@linux
@pytest.mark.parametrize("processes", ["false", "true"])
@pytest.mark.parametrize("launch", [pytest.param("fork", marks=needs_fork), "subprocess"])
def test_a_submission_finds_no_descriptor_but_the_channel(
    make_exercise: Callable[..., Exercise], processes: str, launch: str, tmp_path: Path
) -> None:
    channel = ["socket"] if launch == "fork" else ["pipe", "pipe"]
    exercise = make_exercise(
        grader(f"assert_value(submission.answer(), {channel})"), extra=f"processes = {processes}"
    )
    with Checker(launch) as checker:  # type: ignore[arg-type]
        report = checker.check(exercise, OPEN.encode())
    assert report.verdict == "passed", messages(report)


# --- lies about itself ------------------------------------------------------------------------------------------------


@linux
@pytest.mark.parametrize("name", ["²", "x\\rRssAnon:\\t0", "a\\nThreads:\\t9999"])
def test_a_process_that_calls_itself_oddly_raises_nothing_in_the_judge(grade: Grade, name: str) -> None:
    source = (
        "import ctypes, time\n"
        "def answer():\n"
        f"    ctypes.CDLL(None).prctl(15, '{name}'.encode(), 0, 0, 0)\n"
        "    time.sleep(0.3)\n    return 1\n"
    )
    tests = (
        "def test_refuses(submission):\n    with pytest.raises(ValueError):\n        submission.answer()\n"
        "def test_answers(submission):\n    assert_value(submission.answer(), 1)\n"
    )
    assert verdicts(grade(HEAD + tests, source)) == {"refuses": "failed", "answers": "passed"}


@pytest.mark.parametrize("kind", [ValueError, TypeError, RuntimeError, MemoryError, OSError])
def test_what_goes_wrong_in_the_judge_is_no_exception_of_the_submission(kind: type[Exception]) -> None:
    class Broken(Channel):
        def send(self, payload: bytes, deadline: float, meanwhile: object = None) -> None:
            raise kind("in the judge")

        receive = send  # type: ignore[assignment]

        def take_output(self) -> tuple[str, int]:
            return "", 0

        def close(self) -> None: ...

    session = a_session(Broken())
    with pytest.raises(WorkerLost):
        session.request(messages_.Fetch(1))


def a_session(channel: Channel) -> Session:
    """A session whose worker is at the other end of `channel` and is ready."""

    class Running(RunningWorker):
        def __init__(self) -> None:
            self.channel, self.pid = channel, os.getpid()

        def end(self, *, tree: bool) -> None: ...

    class Source(Workers):
        def take(self) -> RunningWorker:
            return Running()

    setup = messages_.Setup(
        "cpu", [], "/nonexistent", [], "", [], processes=False, confined=False, memory=0, cpu_seconds=0
    )
    session = Session(Source(), setup, b"", "file.py", 10.0)
    session._worker = Running()
    return session


def test_texts_count_by_the_memory_that_they_take(grade: Grade) -> None:
    source = "def answer(x):\n    return '\\U0001f600' + 'a' * 12_000_000\n"
    report = grade(grader("for x in range(8):", "    submission.answer(x)"), source)
    assert "its answers are larger than a check may give" in messages(report)["it"]


def test_pictures_without_width_count_by_their_rows() -> None:
    rows = wire.List([wire.Picture("L", (0, 2**20 - 1), b"", None)] * 40)
    with pytest.raises(Overspent):
        Decoder(lambda held: held, lambda tensor, _value: tensor).decode(rows)


def test_a_dict_with_many_keys_stays_in_the_worker(grade: Grade) -> None:
    lines = ["assert is_handle(submission.answer(10_001))", "assert len(submission.answer(10_000)) == 10_000"]
    lines += ["assert is_handle(submission.keys(10_001))", "assert len(submission.keys(10_000)) == 10_000"]
    source = "def answer(n):\n    return dict.fromkeys(range(n))\ndef keys(n):\n    return set(range(n))\n"
    report = grade(grader(*lines), source)
    assert report.verdict == "passed", messages(report)
    decoder = Decoder(lambda held: held, lambda tensor, _value: tensor)
    with pytest.raises(wire.BadMessage, match="too many keys"):
        decoder.decode(wire.Dict([0] * 20_002))


@linux
def test_whoever_wakes_the_judge_just_when_it_computes_is_counted_all_the_same(grade: Grade) -> None:
    source = """
import os, time
def answer():
    while True:
        os.write(1, b"x")
        end = time.perf_counter() + 0.004
        while time.perf_counter() < end: pass
        time.sleep(0.046)
"""
    report = grade(grader("submission.answer()"), source, time_limit=4)
    assert "within 1 seconds" in messages(report)["it"]


@linux
def test_what_a_lost_worker_leaves_behind_breaks_no_grader(grade: Grade) -> None:
    source = (
        "import os\ndef answer():\n"
        "    for n in range(10_500): os.close(os.open(f'{n}', os.O_CREAT | os.O_WRONLY))\n"
        "    while True: pass\n"
        "def names():\n    return os.listdir('.')\n"
    )
    tests = (
        "def test_it(submission):\n    submission.answer()\n"
        "def test_next(submission, sandbox):\n"
        "    def prepare():\n        import time\n        time.sleep(0.3)\n"
        "    sandbox.restart(before=prepare)\n    assert_value(submission.names(), [])\n"
    )
    report = grade(HEAD + tests, source)
    assert verdicts(report) == {"it": "failed", "next": "passed"}, messages(report)


@linux
def test_files_that_are_only_mapped_count(grade: Grade) -> None:
    source = """
import ctypes, os, time
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
def hide(number, size):
    descriptor = os.open(f"f{number}", os.O_CREAT | os.O_RDWR)
    os.write(descriptor, bytes(size))
    libc.mmap(None, ctypes.c_size_t(4096), 1, 1, descriptor, ctypes.c_long(0))
    os.unlink(f"f{number}")
    os.close(descriptor)
def answer():
    for number in range(4): hide(number, 4096)
    time.sleep(1.5)
    return 1
"""
    report = grade(grader("assert_value(submission.answer(), 1)"), source)
    assert "more to disk than a check may" in messages(report)["it"]


@linux
@pytest.mark.skipif(confinement.expected_isolation(processes=True) != "full", reason="no trees here")
def test_children_that_nobody_waits_for_are_counted(grade: Grade) -> None:
    source = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
def answer():
    for _ in range(900):
        if os.fork() == 0:
            end = time.process_time() + 0.03
            while time.process_time() < end: pass
            os._exit(0)
        time.sleep(0.03)
"""
    report = grade(grader("submission.answer()"), source, extra="processes = true", time_limit=4)
    assert "within 1 seconds" in messages(report)["it"]


@linux
def test_no_timer_lets_a_stopped_worker_go_on(grade: Grade) -> None:
    source = """
import ctypes, errno
def answer():
    ctypes.set_errno(0)
    made = ctypes.CDLL(None, use_errno=True).timer_create(1, None, ctypes.byref(ctypes.c_void_p()))
    return made, ctypes.get_errno() == errno.ENOSYS
"""
    report = grade(grader("assert_value(submission.answer(), (-1, True))"), source)
    assert report.verdict == "passed", messages(report)
