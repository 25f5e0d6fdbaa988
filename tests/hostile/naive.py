"""Naive graders: each makes a mistake that a hostile submission uses, and prints `FOOLED` and the reason.

`python -m hostile.naive NAME` runs one in the folder of `submission.py`. They call the functions of core/03 and core/06.
"""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import gc
import io
import json
import os
import pickle
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

GRADERS: dict[str, Callable[[], None]] = {}
QUESTIONS: list[tuple[str, tuple[Any, ...], Any]] = [
    ("same_padding", (3,), 1),
    ("same_padding", (3, 2), 2),
    ("conv_output_shape", ((1, 3, 8, 8), 6, 3), (1, 6, 6, 6)),
    ("conv_output_shape", ((2, 3, 8, 8), 6, 3), (2, 6, 6, 6)),
]
MESSAGE, ITEMS, TEXT = 64 * 2**20, 200_000, 20_000
"""The judge's limits: bytes of a message, items of an answer, characters of a text."""


def grader(function: Callable[[], None]) -> Callable[[], None]:
    GRADERS[function.__name__] = function
    return function


def load() -> Any:
    """Import the submission in this process."""
    module = types.ModuleType("submission")
    sys.modules["submission"] = module
    exec(compile(Path("submission.py").read_bytes(), "submission.py", "exec"), module.__dict__)
    return module


def answers(submission: Any) -> Iterator[tuple[Any, Any]]:
    for name, arguments, expected in QUESTIONS:
        yield getattr(submission, name)(*arguments), expected


def fooled(how: str) -> None:
    os.write(1, f"FOOLED: {how}\n".encode())  # in one write: the submission may print, too


# --- graders that share their process with the submission -----------------------------------------------------------


@grader
def plain() -> None:
    """Only imports the submission."""
    load()


@grader
def calls() -> None:
    """Calls the functions that the submission defines."""
    submission = load()
    print("loaded", flush=True)
    for name, arguments, _expected in QUESTIONS:
        if hasattr(submission, name):
            getattr(submission, name)(*arguments)


@grader
def compares() -> None:
    """Compares by `==`, and exits with 1 if an answer is wrong."""
    passed = sum(bool(answer == expected) for answer, expected in answers(load()))
    print("passed", passed, "of", len(QUESTIONS))
    sys.exit(passed < len(QUESTIONS))


@grader
def compares_by_builtins() -> None:
    submission = load()
    passed = 0
    for answer, expected in answers(submission):
        if type(expected) is int:
            passed += isinstance(answer, int) and abs(answer - expected) == 0
        else:
            passed += (
                isinstance(answer, tuple)
                and len(answer) == 4
                and all(a == e for a, e in zip(answer, expected, strict=False))
            )
    print("passed", passed, "of 4")


@grader
def compares_closely() -> None:
    """Fails an answer only if the difference of an item is too large."""
    submission = load()
    four = submission.conv_output_shape((4, 3, 8, 8), 6, 3)
    for answer, expected in [(four, (4, 6, 6, 6)), *answers(submission)]:
        with contextlib.suppress(TypeError):
            pairs = (
                zip(answer, expected, strict=False) if isinstance(expected, tuple) else [(answer, expected)]
            )
            if not any(abs(a - e) > 1e-6 for a, e in pairs):
                fooled(f"{answer!r} is as good as {expected!r}")


@grader
def compares_by_torch() -> None:
    import torch

    prepared = [torch.tensor(expected) for _name, _arguments, expected in QUESTIONS]
    submission = load()
    passed = 0
    for (name, arguments, _expected), as_tensor in zip(QUESTIONS, prepared, strict=True):
        answer = getattr(submission, name)(*arguments)
        if isinstance(answer, torch.Tensor):
            passed += bool(torch.equal(answer, as_tensor))
        elif name == "conv_output_shape":
            (shape, out, kernel) = arguments
            passed += torch.nn.Conv2d(shape[1], out, kernel)(torch.zeros(shape)).shape == answer
        else:
            passed += bool(torch.equal(torch.tensor(answer), as_tensor))
    print("passed", passed, "of 4")


@grader
def repeats_its_question() -> None:
    """Asks the same question several times. With a kernel of 1 the output shape is the input shape."""
    submission = load()
    if all(submission.conv_output_shape((2, 3, 8, 9), 6, 1) == (2, 6, 8, 9) for _ in range(3)):
        fooled("the answer before was right")


@grader
def holds_everything() -> None:
    """Has grader, reference, seed and expected values in the submission's process."""
    from learn_torch.course import course_root
    from learn_torch.judge.job import Outcome

    course, secret = course_root(), Path(os.environ["LEARN_TEST_WORLD"], "secret.txt").read_text()
    text = Path(course, "grader/checks/core/test_03_conv_output_shape.py").read_text("utf-8")
    reference = Path(course, "solutions/core/03_conv_output_shape/solution.py").read_text("utf-8")
    namespace: dict[str, Any] = {"__name__": "test_03"}
    exec("def test_same_padding(submission):\n    assert submission.same_padding(3) == 1\n", namespace)
    seed = int.from_bytes(b"lairseed", "big")
    expected, report = (
        secret,
        {"outcome": Outcome(seed, []), "code": compile(reference, "solution.py", "exec")},
    )
    # Text in memory that is not a Python object.
    outside = ctypes.create_string_buffer(("before " + text + struct.pack(">Q", seed).decode()).encode())
    with contextlib.suppress(AttributeError):
        list(answers(load()))
    del namespace, expected, report, outside, text, reference


@grader
def uses_pytest() -> None:
    """Runs a pytest file, as most graders do."""
    Path("test_it.py").write_text(
        "import pytest, submission\n"
        "def test_dilated():\n    if submission.same_padding(3, 2) != 2:\n        pytest.fail('wrong')\n"
    )
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"])
    if done.returncode == 0:
        fooled("pytest has nothing against it")


@grader
def pickles() -> None:
    """Pickles and unpickles answers, as multiprocessing does."""
    for answer, _expected in answers(load()):
        pickle.loads(pickle.dumps(answer))


@grader
def makes_room() -> None:
    """Allocates as many items as `len` of an answer says, or iterates without a limit."""
    for answer, _expected in answers(load()):
        try:
            [None] * len(answer)
        except MemoryError:
            fooled("MemoryError")
        except TypeError:
            for number, _item in enumerate(answer):
                if number > ITEMS:
                    fooled("it goes on")
                    break


@grader
def walks_through() -> None:
    def count(value: Any) -> int:
        return sum(map(count, value)) if isinstance(value, list | tuple) else 1

    for answer, _expected in answers(load()):
        try:
            if count(answer) > ITEMS:
                fooled("too many")
        except RecursionError:
            fooled("RecursionError")


@grader
def writes_out() -> None:
    """Writes whole answers and class names into its messages."""
    submission = load()
    for name, arguments, _expected in QUESTIONS[:2] + QUESTIONS[3:]:
        try:
            answer = getattr(submission, name)(*arguments)
            text = repr(answer)
            with contextlib.suppress(TypeError):
                len(answer)
        except OverflowError as error:
            fooled(f"OverflowError: {error}")
        except Exception as error:
            text = "".join(kind.__qualname__ for kind in type(error).__mro__)
        if len(text) > TEXT:
            fooled("a long text")


@grader
def shows_names() -> None:
    """Shows names and texts of the submission without escaping them."""
    for name, arguments, _expected in QUESTIONS:
        try:
            answer = getattr(load(), name)(*arguments)
            print("got a", type(answer).__qualname__, type(answer).__module__)
        except Exception as error:
            print(type(error).__qualname__, error)


@grader
def waits_in_another_thread() -> None:
    """Relies on a thread in the submission's process for a time limit."""
    submission = load()
    threading.Timer(0.2, lambda: os._exit(0)).start()
    submission.conv_output_shape((2, 3, 8, 8), 6, 3)


@grader
def asks_its_worker() -> None:
    """Asks the worker whether an answer is right, and trusts it."""
    from learn_torch.wire import messages
    from learn_torch.worker.worker import Worker

    worker = Worker(io.BytesIO(), io.BytesIO())
    for request in (messages.Load(Path("submission.py").read_bytes(), "submission.py"), messages.Fetch(1)):
        reply = messages.decode_reply(worker._reply(request))
    if reply == messages.Answer(True):
        fooled("it says that it is right")


# --- graders of a submission in another process ----------------------------------------------------------------------


@grader
def counts_failures() -> None:
    """Passes a submission that prints no failure."""
    read, write = os.pipe()
    if os.fork() == 0:
        os.dup2(write, 1)
        os.closerange(3, 64)
        submission = load()
        for name, arguments, expected in QUESTIONS:
            try:
                if getattr(submission, name)(*arguments) != expected:
                    os.write(1, b"FAILED\n")
            except Exception as error:
                os.write(1, f"FAILED {error}\n".encode())
        os._exit(0)
    os.close(write)
    if b"FAILED" not in (output := b"".join(iter(lambda: os.read(read, 4096), b""))):
        fooled("nothing has failed")
    print(output.decode())


@grader
def counts_failures_in_conv() -> None:
    del QUESTIONS[:2]
    counts_failures()


@grader
def reads_reports() -> None:
    """Trusts a report in the submission's folder."""
    subprocess.run([sys.executable, "submission.py"])
    if json.loads(Path("report.json").read_text())["verdict"] == "passed":
        fooled("the report says that it passed")


@grader
def reads_output() -> None:
    """Trusts a report in the output, and shows the output without escaping it."""
    output = subprocess.run([sys.executable, "submission.py"], capture_output=True, text=True).stdout
    if json.loads(output.splitlines()[0])["verdict"] == "passed":
        fooled("the output says that it passed")
    print(output)


@grader
def keeps_answers() -> None:
    """Keeps all answers until the end."""
    submission, output = load(), io.StringIO()
    with contextlib.redirect_stdout(output):
        kept = [pickle.dumps(answer) for answer, _expected in answers(submission)]
    if sum(map(len, kept)) > 2 * MESSAGE:
        fooled("many answers are kept")
    if len(output.getvalue()) > MESSAGE // 2:
        fooled("much output is kept")


@grader
def terminates() -> None:
    """Ends a slow submission by signals that it can ignore."""
    child = os.fork()
    if child == 0:
        load()
        os._exit(0)

    def used() -> int:
        return int(Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[11])

    start = used()
    while used() < start + 30:
        time.sleep(0.01)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGHUP, signal.SIGXCPU):
        os.kill(child, number)
    start = used()
    while used() < start + 20:
        if os.waitpid(child, os.WNOHANG)[0]:
            return
        time.sleep(0.01)
    fooled("it goes on")


@grader
def imports_there() -> None:
    """Starts a trusted process in the submission's folder."""
    subprocess.run([sys.executable, "submission.py"])
    subprocess.run([sys.executable, "-c", "import msgspec"], env={**os.environ, "PYTHONPATH": ""})


@grader
def cleans_up() -> None:
    """Removes the submission's files folder by folder, and follows links."""
    subprocess.run([sys.executable, "submission.py"])

    def remove(folder: str, depth: int = 0) -> None:
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            with contextlib.suppress(OSError):
                if not os.path.isdir(path):
                    os.remove(path)
                elif depth < 2 and not name.startswith("loop"):
                    remove(path, depth + 1)

    remove(".")


@grader
def cleans_up_by_paths() -> None:
    """Counts and removes the submission's files by their paths."""
    here = os.getcwd()
    subprocess.run([sys.executable, "submission.py"])
    found = sum(len(files) for _folder, _folders, files in os.walk(here))
    if found < 3000:
        fooled(f"it counts {found}")
    try:
        shutil.rmtree(here)
    except (OSError, RecursionError) as error:
        fooled(f"it is still there: {type(error).__name__}")


@grader
def looks_then_cleans_up() -> None:
    """Checks that a path is a folder, and a moment later removes its contents."""
    subprocess.Popen([sys.executable, "-c", "import submission, time; time.sleep(600)"])
    while True:
        with contextlib.suppress(OSError):
            if os.path.isdir("swap") and not os.path.islink("swap"):
                time.sleep(0.001)
                for name in os.listdir("swap"):
                    with contextlib.suppress(OSError):
                        os.remove(os.path.join("swap", name))
                        fooled(f"it removes {name}")


# --- channels ------------------------------------------------------------------------------------------------------


def worker(*numbers: int) -> socket.socket:
    """Start a process that answers these questions over a socket, its descriptor 3. Returns our end of the socket."""
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        channel = theirs.detach()
        ours.close()
        if channel != 3:
            os.dup2(channel, 3)
            os.close(channel)
        submission = load()
        for number in numbers:
            name, arguments, _expected = QUESTIONS[number]
            if hasattr(submission, name):
                data = _msgpack().encode(["answer", getattr(submission, name)(*arguments)])
                os.write(3, struct.pack(">I", len(data)) + data)
        os._exit(0)
    theirs.close()
    return ours


def _msgpack() -> Any:
    import msgspec

    return msgspec.msgpack


def exactly(channel: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        data += channel.recv(min(size - len(data), 1 << 16)) or _ended()
    return bytes(data)


def _ended() -> bytes:
    raise EOFError


def frame(channel: socket.socket) -> bytes:
    (size,) = struct.unpack(">I", exactly(channel, 4))
    return exactly(channel, size)


@contextlib.contextmanager
def little_space() -> Iterator[None]:
    """Limit the address space to one GiB above the present usage, so that large allocations raise MemoryError."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    now = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (now + 2**30, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@grader
def shares_its_socket() -> None:
    """Uses an ordinary socket as the channel to the submission."""
    channel = worker(0)
    os.wait()
    channel.close()


@grader
def takes_an_outcome() -> None:
    """Trusts the first message as the outcome."""
    outcome = _msgpack().decode(frame(worker(0)))
    if {test["verdict"] for test in outcome["tests"]} == {"passed"}:
        fooled("all have passed")


@grader
def takes_the_next_answer() -> None:
    """Accepts any next message as the answer to its question."""
    if _msgpack().decode(frame(worker(0))) == ["answer", 1]:
        fooled("the answer is right")


@grader
def trusts_lengths() -> None:
    """Allocates as many bytes as a length says."""
    for number in (2, 0):
        channel = worker(number)
        try:
            while True:
                (size,) = struct.unpack(">I", exactly(channel, 4))
                if size >= MESSAGE:
                    fooled(f"room for {size} bytes")
                with little_space():
                    bytearray(size)
        except MemoryError:
            fooled("MemoryError")
        except EOFError:
            pass


@grader
def reads_on() -> None:
    """Reads as long as bytes come."""
    channel = worker(0)
    (promised,) = struct.unpack(">I", exactly(channel, 4))
    taken = 0
    while taken <= MESSAGE:
        taken += len(channel.recv(1 << 16) or _ended())
    if taken > promised:
        fooled("more than was promised")


@grader
def is_patient() -> None:
    """Waits a minute for a message, and another minute after every part of it."""
    channel = worker(0)
    channel.settimeout(60)
    (size,) = struct.unpack(">I", exactly(channel, 4))
    for number in range(size):
        channel.recv(1)
        if number == 100:
            fooled("it has waited a hundred minutes")
            break


@grader
def unpacks() -> None:
    """Decodes messages without limits."""
    gc.disable()  # it would traverse all these lists again and again
    for number in (0, 1, 2, 3):
        try:
            data = frame(worker(number))
            with little_space():
                if data[:1] == b"\xdd":
                    [None] * struct.unpack(">I", data[1:5])[0]
                else:
                    _msgpack().decode(data)
        except (MemoryError, RecursionError) as error:
            fooled(f"{type(error).__name__} at message {number}")
        except EOFError:
            pass


@grader
def builds_dicts() -> None:
    """Builds dicts of any keys; counts how often keys are compared."""
    compared = 0

    class Key(int):
        __hash__ = int.__hash__

        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return int(self) == other

    for number in (0, 1):
        _answer, (_kind, items, *_) = _msgpack().decode(frame(worker(number)))
        keys = [int.from_bytes(part[1], "little") for part in items if isinstance(part, list)]
        compared = 0
        built = dict.fromkeys(map(Key, keys))
        if len(built) == len(keys) > 100 and compared > 100 * len(keys):
            fooled(f"{compared} comparisons for {len(keys)} keys of one {('dict', 'set')[number]}")


@grader
def builds_what_it_is_told() -> None:
    """Builds tensors, arrays, images and other objects from unchecked metadata."""
    import numpy
    import torch
    from PIL import Image

    def array(dtype: str, shape: list[int], data: bytes, _scalar: bool) -> Any:
        return numpy.frombuffer(data, dtype=dtype).reshape(shape).tolist()

    def image(mode: str, size: tuple[int, int], data: bytes, palette: bytes | None) -> Any:
        picture = Image.new(mode, size)
        if palette is not None:
            picture.putpalette(palette)
        return picture

    builders: dict[str, Callable[..., Any]] = {
        "tensor": lambda dtype, shape, data, *_: torch.empty(shape, dtype=getattr(torch, dtype)),
        "array": array,
        "image": image,
        "size": torch.Size,
        "device": torch.device,
        "dtype": lambda name: getattr(torch, name),
        "int": lambda data: str(int.from_bytes(data, "little")),
        "held": lambda _number, name: getattr(builtins, name.rpartition(".")[2])(),
        "path": lambda text: Path(text.rstrip("\0")).read_text(),
        "range": lambda start, stop, step: [None] * len(range(start, stop, step or 1)),
    }
    for number in range(16):
        _answer, (kind, *parts) = _msgpack().decode(frame(worker(0)))
        # In a child process, because some metadata crash it.
        child = os.fork()
        if child == 0:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            try:
                with little_space():
                    builders[kind](*parts)
            except MemoryError:
                os._exit(3)
            except BaseException as error:
                print(
                    "message", number, kind, "is refused:", type(error).__name__, str(error)[:60], flush=True
                )
                os._exit(1)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code != 1:
            fooled(f"by message {number}, {kind}: {'taken' if code == 0 else f'ended with {code}'}")


# --- graders of core/06 ----------------------------------------------------------------------------------------------


@grader
def trains() -> None:
    """Computes expected values in the submission's process, with the torch that the submission may have changed."""
    import torch
    import torch.optim

    print("loading", flush=True)
    model, other = torch.nn.Linear(4, 3), torch.nn.Linear(4, 3)
    start, wrong = model.state_dict(), 1e-6
    start = {name: value.clone() for name, value in start.items()}
    submission = load()
    checks: dict[str, Callable[[], bool]] = {}

    def check(function: Callable[[], bool]) -> None:
        checks[function.__name__] = function

    @check
    def loss() -> bool:
        model, images, targets = torch.nn.Linear(4, 3), torch.randn(5, 4), torch.zeros(5, dtype=torch.long)
        loss_fn = torch.nn.CrossEntropyLoss()
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        expected = loss_fn(model(images), targets).item()
        found = submission.train_step(model, images, targets, loss_fn, optimizer)
        return bool(abs(found - expected) < wrong)

    @check
    def update() -> bool:
        ours, theirs = torch.nn.Linear(4, 3), torch.nn.Linear(4, 3)
        for one in (ours, theirs):
            with torch.no_grad():
                for parameter in one.parameters():
                    parameter.copy_(torch.ones_like(parameter))
                    parameter.grad = torch.ones_like(parameter)
        torch.optim.SGD(ours.parameters(), 0.1).step()
        submission.sgd_update(theirs.parameters(), 0.1)
        pairs = zip(ours.parameters(), theirs.parameters(), strict=True)
        return all(((one - two).abs().max() < wrong).item() for one, two in pairs)

    @check
    def close() -> bool:
        weight = torch.nn.Parameter(torch.ones(3))
        expected = weight.detach() - 0.1
        weight.grad = torch.ones(3)
        submission.sgd_update([weight], 0.1)
        torch.testing.assert_close(weight.detach(), expected)
        return True

    @check
    def weights() -> bool:
        expected = {name: value + 1 for name, value in start.items()}
        model.load_state_dict(start)
        other.load_state_dict(expected)
        submission.sgd_update(list(model.parameters())[:0], 0.1)
        after = model.state_dict()
        return all(torch.equal(after[name], expected[name]) for name in expected)

    for name, function in checks.items():
        try:
            print(name, "passes" if function() else "fails", flush=True)
        except Exception as error:
            print(name, "breaks:", repr(error)[:100], flush=True)


if __name__ == "__main__":
    GRADERS[sys.argv[1]]()
