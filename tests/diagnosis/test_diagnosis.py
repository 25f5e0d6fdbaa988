"""A submission that answers as a known mistake does is told so, whatever its code looks like."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from learn_torch.checking.checker import Checker
from learn_torch.course import Exercise, Text
from learn_torch.diagnosis.comparing import alike, in_common
from learn_torch.diagnosis.matching import (
    SEED,
    KnownMistake,
    diagnose,
    known_mistake,
    read_traces,
    recognise,
    write_traces,
)
from learn_torch.files import write_atomically
from learn_torch.judge import tracing
from learn_torch.judge.job import Outcome
from learn_torch.judge.tracing import CheckTrace

GRADER = """
import pytest
import torch
from learn_torch.testing import assert_close, assert_value

def test_double(submission, rng):
    for _ in range(3):
        x = torch.randn(4)
        assert_close(submission.double(x), 2 * x)

def test_name(submission, rng):
    assert_value(submission.name(rng.randint(1, 9)), "a")

def test_refuses(submission):
    with pytest.raises(ValueError):
        submission.double(None)
"""
RIGHT_NAME = "def name(n):\n    return 'a'\n"
MISTAKES = {
    "half": "def double(x):\n    if x is None: raise ValueError\n    return x / 2\n" + RIGHT_NAME,
    "squared": "def double(x):\n    if x is None: raise ValueError\n    return x * x\n" + RIGHT_NAME,
    "no_refusal": "def double(x):\n    return 2 * x if x is not None else 0\n" + RIGHT_NAME,
    "wrong_kind": "def double(x):\n    return [2 * n for n in x.tolist()]\n" + RIGHT_NAME,
    "by_chance": "import torch\ndef double(x):\n    if x is None: raise ValueError\n    return torch.rand(4)\n" + RIGHT_NAME,
}  # fmt: skip


def sentence_of(name: str) -> Text:
    return Text(en=f"It is {name}.", zh=f"这是 {name}。")


@pytest.fixture
def exercise(make_exercise: Callable[..., Exercise], checker: Checker) -> Exercise:
    exercise = make_exercise(GRADER)
    known = [
        known_mistake(name, sentence_of(name), traces(checker, exercise, source))
        for name, source in MISTAKES.items()
    ]
    write_atomically(exercise.traces, write_traces(exercise, known))
    return exercise


def traces(checker: Checker, exercise: Exercise, source: str) -> dict[str, CheckTrace]:
    return checker.examine(exercise, source.encode(), seed=SEED, traced=True).traces


@pytest.fixture
def told(exercise: Exercise, checker: Checker) -> Callable[[str], list[str]]:
    def told(source: str) -> list[str]:
        data = source.encode()
        report = checker.check(exercise, data)
        found = diagnose(lambda **options: checker.examine(exercise, data, **options), exercise, report)
        assert all(one.message == f"It is {one.mistake}." for one in found)
        return [one.mistake for one in found]

    return told


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_diagnosed_as_itself(name: str, told: Callable[[str], list[str]]) -> None:
    assert told(MISTAKES[name]) == [name]


def test_other_code_that_does_the_same_is_diagnosed_alike(told: Callable[[str], list[str]]) -> None:
    other = """
import torch

class Helper:
    def work(self, numbers):
        return torch.stack([number * 0.5 for number in numbers])

def double(values):
    if not isinstance(values, torch.Tensor):
        raise ValueError("in words of its own")
    return Helper().work(values)

name = lambda n: "a"
"""
    assert told(other) == ["half"]


def test_a_huge_answer_has_a_small_trace(checker: Checker, exercise: Exercise) -> None:
    nested = "def double(x):\n    found = ['x' * 79] * 11\n"
    nested += "    for _ in range(4):\n        found = [found] * 11\n    return found\n"
    outcome = checker.examine(exercise, (nested + RIGHT_NAME).encode(), seed=SEED, traced=True)
    assert not outcome.broken
    trace = outcome.traces["test_double"]["test_double"]
    assert trace is not None
    assert len(repr(trace)) < 500_000


def test_no_answer_stands_for_any_other(checker: Checker, exercise: Exercise) -> None:
    star = "def double(x):\n    return ['*']\n" + RIGHT_NAME
    one = star.replace("'*'", "x.sum()")
    first, other = (traces(checker, exercise, source)["test_double"] for source in (star, one))
    assert not alike(first, other)


def test_what_is_not_written_yet_is_left_out(told: Callable[[str], list[str]]) -> None:
    assert told(MISTAKES["half"].replace("return 'a'", "raise NotImplementedError")) == ["half"]


def test_another_mistake_elsewhere_does_not_hide_it(told: Callable[[str], list[str]]) -> None:
    assert told(MISTAKES["half"].replace("return 'a'", "return 'b'")) == ["half"]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("def double(x):\n    if x is None: raise ValueError\n    return 3 * x\n" + RIGHT_NAME, id="unknown"),
        pytest.param("def double(x):\n    raise NotImplementedError\n" + RIGHT_NAME, id="not written"),
        pytest.param("def double(x):\n    return 2 * y\n" + RIGHT_NAME, id="another exception"),
        pytest.param("def double(x:\n", id="no Python"),
        pytest.param("def double(x):\n    if x is None: raise ValueError\n    return 2 * x\n" + RIGHT_NAME, id="right"),
    ],
)  # fmt: skip
def test_where_there_is_no_telling_nothing_is_said(source: str, told: Callable[[str], list[str]]) -> None:
    assert told(source) == []


def test_each_of_several_mistakes_is_named_in_the_order_of_the_checks(
    told: Callable[[str], list[str]],
) -> None:
    two_at_once = "def double(x):\n    return x / 2 if x is not None else 0\n" + RIGHT_NAME
    assert told(two_at_once) == ["half", "no_refusal"]


def test_of_two_that_answer_alike_none_is_named_unless_they_say_the_same(
    exercise: Exercise, checker: Checker
) -> None:
    found = traces(checker, exercise, MISTAKES["half"])
    one = known_mistake("one", sentence_of("one"), found)
    other = known_mistake("other", sentence_of("other"), found)
    assert recognise(found, [one, other]) == []
    assert recognise(found, [one, known_mistake("same", sentence_of("one"), found)]) == [one]


def test_traces_of_another_grader_say_nothing(exercise: Exercise, told: Callable[[str], list[str]]) -> None:
    text = exercise.grader.read_text("utf-8")
    exercise.grader.write_text(text + "\n# changed\n", encoding="utf-8")
    assert read_traces(exercise) is None
    assert told(MISTAKES["half"]) == []


@pytest.mark.parametrize("content", [b"", b"{}", b'{"format_version": 2}'])
def test_a_broken_file_of_traces_says_nothing(exercise: Exercise, content: bytes) -> None:
    exercise.traces.write_bytes(content)
    assert read_traces(exercise) is None


def test_the_verdict_does_not_depend_on_being_traced(exercise: Exercise, checker: Checker) -> None:
    def verdicts(**options: object) -> list[str]:
        outcome = checker.examine(exercise, MISTAKES["wrong_kind"].encode(), seed=SEED, **options)
        return [test.verdict for test in outcome.tests]

    assert verdicts() == verdicts(traced=True) == ["failed", "passed", "failed"]


def test_only_some_checks_and_no_further_than_the_first_failure(exercise: Exercise, checker: Checker) -> None:
    source = MISTAKES["wrong_kind"].encode()
    some = checker.examine(exercise, source, only=["test_name", "test_refuses"])
    assert [test.name for test in some.tests] == ["test_name", "test_refuses"]
    first = checker.examine(exercise, source, first_failure=True)
    assert [(test.name, test.verdict) for test in first.tests] == [("test_double", "failed")]


def test_numbers_longer_than_pythons_leave_a_trace(exercise: Exercise, checker: Checker) -> None:
    source = (
        "import numpy as np\ndef double(x):\n    return np.longdouble(1.5), np.array([np.nan])\n" + RIGHT_NAME
    )
    outcome = checker.examine(exercise, source.encode(), seed=SEED, traced=True)
    assert outcome.broken == ""
    assert [test.verdict for test in outcome.tests] == ["failed", "passed", "failed"]


def test_the_first_failure_is_a_failure_and_no_error(
    make_exercise: Callable[..., Exercise], checker: Checker
) -> None:
    grader = """
def test_one(submission):
    import pytest
    submission.f()
    pytest.skip("an error of the grader's")

def test_two(submission):
    assert submission.f() == 2
"""
    outcome = checker.examine(make_exercise(grader), b"def f():\n    return 1\n", first_failure=True)
    assert [(test.name, test.verdict) for test in outcome.tests] == [
        ("test_one", "error"),
        ("test_two", "failed"),
    ]


def trace(**tests: object) -> CheckTrace:
    """A check's trace; each test has one reply, or None if it passed."""
    return {
        name: None if reply is None else tracing.TestTrace(1, [["call", reply]], [])
        for name, reply in tests.items()
    }


def mistake(name: str, **checks: CheckTrace) -> KnownMistake:
    return KnownMistake(name, sentence_of(name), checks)


def names(found: Sequence[KnownMistake]) -> list[str]:
    return [one.name for one in found]


def test_two_mistakes_that_disturb_each_other_are_named_by_what_each_fails_alone() -> None:
    stride = mistake("stride", a=trace(t=["answered", 2]), both=trace(t=["answered", 3]))
    padding = mistake("padding", b=trace(t=["answered", 5]), both=trace(t=["answered", 4]))
    shown = {"b": trace(t=["answered", 5]), "a": trace(t=["answered", 2]), "both": trace(t=["answered", 9])}
    assert names(recognise(shown, [stride, padding])) == ["padding", "stride"]
    # Nothing known explains the third answer.
    assert names(recognise(shown, [stride])) == []


def test_a_mistake_that_fails_more_than_the_submission_is_not_its_mistake() -> None:
    known = mistake("more", a=trace(t=["answered", 2]), b=trace(t=["answered", 2]))
    assert names(recognise({"a": trace(t=["answered", 2]), "b": trace(t=None)}, [known])) == []


def test_the_mistake_that_explains_most_is_named_and_not_a_part_of_it() -> None:
    whole = mistake("whole", a=trace(t=["answered", 2]), b=trace(t=["answered", 2]))
    part = mistake("part", a=trace(t=["answered", 2]))
    shown = {"a": trace(t=["answered", 2]), "b": trace(t=["answered", 2])}
    assert names(recognise(shown, [part, whole])) == ["whole"]


def test_what_two_ways_of_writing_a_mistake_have_in_common() -> None:
    one = trace(t=["answered", ["dict", 2, [["layers.weight", 1.5], ["layers.bias", 2.5]]]])
    other = trace(t=["answered", ["dict", 2, [["model.weight", 1.5], ["model.bias", 2.5]]]])
    common = in_common(one, other)
    assert common is not None
    assert alike(common, one)
    assert alike(other, common)
    assert not alike(common, trace(t=["answered", ["dict", 2, [["x.weight", 1.5], ["x.bias", 3.5]]]]))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(trace(t=["raised", "KeyError", "1"]), id="nothing in common"),
        pytest.param(trace(t=None), id="it passed"),
        pytest.param(trace(u=["answered", 2]), id="another test"),
    ],
)
def test_where_nothing_is_in_common_nothing_is_kept(other: CheckTrace) -> None:
    assert in_common(trace(t=["answered", 2]), other) is None


def of(reply: object, *functions: str) -> tracing.TestTrace:
    """The trace of a failed test that asked for these functions."""
    return tracing.TestTrace(1, [["call", reply]], sorted(functions))


def test_a_mistake_may_be_made_in_one_function_and_not_in_another() -> None:
    known = mistake("both", a={"t": of(["answered", 2], "f")}, b={"t": of(["answered", 3], "g")})
    assert names(recognise({"a": {"t": of(["answered", 2], "f")}, "b": {"t": None}}, [known])) == ["both"]
    # In the function itself it shows everywhere, or it is another mistake.
    known = mistake("everywhere", a={"t": of(["answered", 2], "f")}, b={"t": of(["answered", 3], "f")})
    assert names(recognise({"a": {"t": of(["answered", 2], "f")}, "b": {"t": None}}, [known])) == []


def test_a_mistake_is_not_named_where_another_one_fails_more_of_what_has_failed() -> None:
    # With inputs such as these, padding with zeros and with a large number give the same answers in one check.
    large = mistake("large", a={"t": of(["answered", 2], "f")})
    zeros = mistake("zeros", a={"t": of(["answered", 2], "f")}, b={"t": of(["answered", 3], "f")})
    shown: dict[str, CheckTrace] = {
        "a": {"t": of(["answered", 2], "f")},
        "b": {"t": of(["answered", 4], "f")},
    }
    assert names(recognise(shown, [large, zeros])) == []
    assert names(recognise({**shown, "b": {"t": None}}, [large, zeros])) == ["large"]


def test_a_test_that_two_mistakes_fail_together_counts_for_both() -> None:
    one = mistake("one", a={"t": of(["answered", 2], "f")}, all={"t": of(["answered", 2], "f")})
    other = mistake("other", b={"t": of(["answered", 3], "g")}, all={"t": of(["answered", 3], "f", "g")})
    shown: dict[str, CheckTrace] = {
        "a": {"t": of(["answered", 2], "f")},
        "b": {"t": of(["answered", 3], "g")},
        "all": {"t": of(["answered", 2], "f")},
    }
    assert names(recognise(shown, [one, other])) == ["one", "other"]


def test_what_ran_out_of_time_is_not_run_again(exercise: Exercise, checker: Checker) -> None:
    source = (
        b"def double(x):\n    while x is not None: pass\n    return x / 2\ndef name(n):\n    return 'b'\n"
    )
    report = checker.check(exercise, source)
    asked: list[list[str]] = []

    def examine(*, only: list[str], **_options: object) -> Outcome:
        asked.append(only)
        return Outcome(0, [])

    diagnose(examine, exercise, report)
    assert asked == [["test_name", "test_refuses"]]
