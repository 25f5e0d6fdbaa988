"""What a grader can do with the submission and with objects in the worker."""

from __future__ import annotations

from collections.abc import Callable

from conftest import messages, verdicts
from learn_torch.report import Report

Grade = Callable[..., Report]

HEAD = """
import pytest
import torch
from learn_torch.testing import *
"""

SUBMISSION = """
import contextlib
import torch
from torch.utils.data import Dataset

class Numbers(Dataset):
    def __init__(self, n):
        self.n = n
    def __len__(self):
        return self.n
    def __getitem__(self, i):
        if not 0 <= i < self.n:
            raise IndexError(f"no item {i}")
        return i * i

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(2, 1)
    def forward(self, x):
        return self.linear(x)

class Liar:
    __class__ = int
    def __eq__(self, other): return True
    def __bool__(self): return True
    def __len__(self): return 3

@contextlib.contextmanager
def opened():
    log.append("open")
    try:
        yield 5
    finally:
        log.append("closed")

log = []

def answer(x=41):
    return x + 1

def count(n):
    yield from range(n)

def fail(kind):
    raise {"index": IndexError("past the end"), "value": ValueError("bad"), "exit": SystemExit(3)}[kind]

def write(name, text):
    with open(name, "w") as file:
        file.write(text)

def apply(function, x):
    return function(x)

def read(path):
    return open(path, encoding="utf-8").read()
"""


def passes(grade: Grade, grader: str) -> None:
    report = grade(HEAD + grader, SUBMISSION)
    assert set(verdicts(report).values()) == {"passed"}, messages(report)


def test_plain_replies_come_by_value(grade: Grade) -> None:
    passes(
        grade,
        "def test_it(submission):\n    assert submission.answer(1) == 2\n    assert submission.answer(x=2) == 3\n",
    )


def test_handles_forward_attributes_calls_and_items(grade: Grade) -> None:
    passes(
        grade,
        """
def test_it(submission):
    numbers = submission.Numbers(4)
    assert is_handle(numbers)
    assert numbers.n == 4
    assert numbers[3] == 9
    assert len(numbers) == 4
    numbers.n = 2
    assert len(numbers) == 2
    assert type_name(numbers) == "Numbers"
""",
    )


def test_iteration_ends_by_index_error_and_by_stop_iteration(grade: Grade) -> None:
    passes(
        grade,
        """
def test_it(submission):
    assert list(submission.Numbers(3)) == [0, 1, 4]
    assert list(submission.count(3)) == [0, 1, 2]
    generator = submission.count(2)
    assert next(generator) == 0
    assert next(generator) == 1
    with pytest.raises(StopIteration):
        next(generator)
""",
    )


def test_arithmetic_stays_in_the_worker(grade: Grade) -> None:
    passes(
        grade,
        """
def test_it(submission, sandbox):
    both = submission.Numbers(2) + submission.Numbers(3)
    assert is_handle(both)
    assert len(both) == 5
    x = sandbox.put(torch.ones(2))
    assert is_handle(x * 2)
    assert_close((3 - x / 2).value(), torch.tensor([2.5, 2.5]))
    assert_close((-x @ x).value(), torch.tensor(-2.0))
""",
    )


def test_with_enters_and_leaves_in_the_worker(grade: Grade) -> None:
    passes(
        grade,
        """
def test_it(submission):
    with submission.opened() as five:
        assert five == 5
        assert submission.log == ["open"]
    assert submission.log == ["open", "closed"]
    with pytest.raises(ValueError):
        with submission.opened():
            submission.fail("value")
    assert submission.log == ["open", "closed"] * 2
""",
    )


def test_exceptions_arrive_as_local_ones(grade: Grade) -> None:
    passes(
        grade,
        """
def test_it(submission):
    with pytest.raises(IndexError, match="past the end"):
        submission.fail("index")
    with pytest.raises(LookupError):
        submission.fail("index")
    with pytest.raises(RemoteError) as caught:
        submission.fail("exit")
    assert caught.value.kind == "SystemExit"
    with pytest.raises(AttributeError):
        submission.Numbers(2).nothing
""",
    )


def test_comparing_a_handle_is_refused_and_points_to_value(grade: Grade) -> None:
    passes(
        grade,
        """
def test_it(submission):
    liar = submission.Liar()
    for compare in (
        lambda: liar == 3, lambda: liar != 3, lambda: liar < 3, lambda: 3 in liar, lambda: bool(liar),
        lambda: isinstance(liar, int), lambda: hash(liar),
    ):
        with pytest.raises(HandleError):
            compare()
    with pytest.raises(HandleError, match="value"):
        liar.value()
""",
    )


def test_the_worker_says_what_something_is_an_instance_of(grade: Grade) -> None:
    passes(
        grade,
        """
def test_it(submission, sandbox):
    numbers = submission.Numbers(2)
    assert sandbox.isinstance(numbers, "torch.utils.data.Dataset")
    assert not sandbox.isinstance(numbers, "torch.nn.Module")
    with pytest.raises(HandleError, match="sandbox.isinstance"):
        isinstance(numbers, torch.utils.data.Dataset)
""",
    )


def test_libraries_of_the_worker_build_what_a_check_needs(grade: Grade) -> None:
    passes(
        grade,
        """
def test_it(submission, sandbox):
    weights = torch.nn.Linear(2, 1).state_dict()
    linear = sandbox.torch.nn.Linear(2, 1)
    linear.load_state_dict(weights)
    x = torch.randn(3, 2)
    expected = torch.nn.functional.linear(x, weights["weight"], weights["bias"])
    came = submission.apply(linear, x)
    assert is_handle(came)
    assert_close(came, expected)
    assert sandbox.import_("math").sqrt(9.0) == 3.0
    held = sandbox.hold(submission.answer)(1)
    assert is_handle(held) and held.value() == 2
""",
    )


def test_parameters_are_fetched_with_what_their_bytes_do_not_say(grade: Grade) -> None:
    passes(
        grade,
        """
def test_it(submission):
    weight = submission.Net().linear.weight
    assert is_handle(weight)
    value = weight.value()
    assert value.shape == (1, 2)
    origin = origin_of(value)
    assert origin.parameter and origin.requires_grad and origin.device == "cpu"
""",
    )


def test_definitions_run_in_the_worker(grade: Grade) -> None:
    passes(
        grade,
        """
def test_it(submission, sandbox):
    @sandbox.define
    def double(x):
        import torch
        return torch.as_tensor(x) * 2

    assert is_handle(double)
    assert_close(submission.apply(double, 4), torch.tensor(8))

    @sandbox.define
    class Loss:
        def __call__(self, x):
            return x - 1

    assert submission.apply(Loss(), 3) == 2
""",
    )


def test_a_definition_that_needs_its_surroundings_is_a_broken_grader(grade: Grade) -> None:
    report = grade(
        HEAD
        + "def test_it(sandbox):\n    secret = 3\n    @sandbox.define\n    def f(x):\n        return x == secret\n",
        SUBMISSION,
    )
    assert verdicts(report) == {"it": "error"}
    assert "secret" in messages(report)["it"]


def test_files_go_in_by_a_folder_and_come_back_as_bytes(grade: Grade) -> None:
    passes(
        grade,
        """
def test_it(submission, sandbox, given_files):
    (given_files / "图 a.txt").write_text("hello", encoding="utf-8")
    assert submission.read(given_files / "图 a.txt") == "hello"
    assert submission.read(str(given_files / "图 a.txt")) == "hello"
    submission.write("out.txt", "done")
    assert sandbox.read("out.txt") == b"done"
    with pytest.raises(FileNotFoundError):
        sandbox.read("nothing.txt")
""",
    )


def test_the_same_seed_draws_the_same_and_each_check_its_own(grade: Grade) -> None:
    grader = HEAD + (
        "def test_a(submission, rng):\n    submission.answer(1)\n    assert False, (rng.random(), float(torch.rand(())))\n"
        "def test_b(submission, rng):\n    submission.answer(1)\n    assert False, (rng.random(), float(torch.rand(())))\n"
    )
    one, again, other = (messages(grade(grader, SUBMISSION, seed=seed)) for seed in (5, 5, 6))
    assert one == again
    assert one["a"] != one["b"]
    assert one["a"] != other["a"]


def test_the_worker_cannot_guess_the_judges_numbers(grade: Grade) -> None:
    passes(
        grade,
        """
def test_it(submission, sandbox):
    theirs = [sandbox.import_("random").random(), sandbox.import_("numpy").random.rand(), sandbox.torch.rand(1).item()]
    import random, numpy
    assert theirs[0] != random.random()
    assert theirs[1] != numpy.random.rand()
    assert theirs[2] != torch.rand(1).item()
""",
    )


def test_a_worker_that_is_gone_takes_its_handles_along_and_the_next_check_gets_a_new_one(
    grade: Grade,
) -> None:
    report = grade(
        HEAD
        + "def test_a(submission):\n    n = submission.Numbers(2)\n    submission.die()\n"
        + "def test_b(submission):\n    assert len(submission.Numbers(2)) == 2\n",
        SUBMISSION + "\ndef die():\n    import os\n    os._exit(1)\n",
    )
    assert verdicts(report) == {"a": "failed", "b": "passed"}
