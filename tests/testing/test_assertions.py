"""What the assertions accept, what they refuse, and what they say about it."""

from __future__ import annotations

import collections
import math
from typing import Any

import numpy as np
import pytest
import torch

from learn_torch.session.proxies import Origin
from learn_torch.testing import Mismatch, assert_close, assert_value

Pair = collections.namedtuple("Pair", "a b")


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (3, 3), (1.5, 1.5), ("a", "a"), (None, None), (True, True), ((1, 2), (1, 2)), ([1, [2]], [1, [2]]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}), (torch.Size([1, 2]), (1, 2)), (Pair(1, 2), (1, 2)),
        (np.float64(1.5), 1.5), (torch.device("cpu"), torch.device("cpu")), (math.inf, math.inf),
        ([torch.ones(2)], [torch.ones(2)]),
    ],
)  # fmt: skip
def test_equal_values_of_the_same_kind_pass(actual: Any, expected: Any) -> None:
    assert_value(actual, expected)


@pytest.mark.parametrize(
    ("actual", "expected", "words"),
    [
        (3.0, 3, "float, expected int"),
        (3, 3.0, "int, expected float"),
        (1, True, "int, expected bool"),
        (True, 1, "bool, expected int"),
        ((1, False), (1, 0), "[1]: the type is bool, expected int"),
        ("3", 3, "str, expected int"),
        ([1, 2], (1, 2), "list, expected tuple"),
        ((1, 2, 3), (1, 2), "3 items came back, 2 were expected"),
        ((1, 2.0), (1, 2), "[1]: the type is float"),
        ((1, (2, 4)), (1, (2, 3)), "[1][1]: 4 came back, 3 was expected"),
        ({"a": 1}, {"b": 1}, "the keys are"),
        ({"a": 1}, {"a": 2}, "['a']"),
        (torch.tensor(3), 3, "Tensor, expected int"),
        (np.int64(3), 3, "int64, expected int"),
        (float("nan"), float("nan"), "nan"),
        (None, 3, "NoneType"),
        ([torch.ones(2)], [torch.zeros(2)], "[0]"),
        ([torch.ones(2, dtype=torch.float64)], [torch.ones(2)], "dtype"),
    ],
)
def test_others_are_refused_with_the_first_difference(actual: Any, expected: Any, words: str) -> None:
    with pytest.raises(Mismatch) as caught:
        assert_value(actual, expected)
    assert words in str(caught.value)


def test_a_scalar_is_not_shown_twice() -> None:
    with pytest.raises(Mismatch) as caught:
        assert_close(torch.tensor(4.5), torch.tensor(3.4))
    assert (caught.value.came_back, caught.value.detail) == ("torch.tensor(4.5)", "")
    with pytest.raises(Mismatch) as caught:
        assert_close(torch.tensor(-2.33896), torch.tensor(2.33896))
    assert caught.value.detail == "note: the result has the wrong sign"
    with pytest.raises(Mismatch) as caught:
        assert_value([torch.tensor(4.5)], [torch.tensor(3.4)])
    assert caught.value.detail == "at [0]: torch.tensor(4.5) came back, torch.tensor(3.4) was expected"


def test_close_tensors_pass_within_the_tolerance() -> None:
    expected = torch.tensor([1.0, 1000.0, -math.inf])
    assert_close(expected * (1 + 1e-5), expected)
    assert_close(expected.double(), expected)
    assert_close(torch.tensor([1, 2]), torch.tensor([1.0, 2.0]))
    assert_close(2, 2.0)
    assert_close(2.0000001, 2.0)
    assert_close(torch.tensor(1 + 2j), torch.tensor(1 + 2j))


@pytest.mark.parametrize(
    ("actual", "expected", "words"),
    [
        (torch.ones(2, 3), torch.ones(3, 2), "the shape is (2, 3), expected (3, 2)"),
        (torch.ones(1, 3), torch.ones(3), "shape"),
        (torch.empty(0), torch.ones(1), "shape"),
        (torch.tensor([1.0, 2.0, 5.0]), torch.tensor([1.0, 2.0, 3.0]), "at [2]: 5, expected 3"),
        (torch.full((2,), math.nan), torch.ones(2), "nan"),
        (torch.full((2,), math.inf), torch.full((2,), -math.inf), "inf"),
        (torch.full((2,), 1e30), torch.full((2,), math.inf), "expected inf"),
        ([1.0], torch.ones(1), "a tensor was expected"),
        (None, torch.ones(1), "None"),
        (torch.tensor(2.0), 2.0, "a Python number was expected, not Tensor"),
        (True, 1.0, "not bool"),
        (math.nan, 1.0, "nan"),
        (2.1, 2.0, "2.1"),
    ],
)
def test_tensors_and_numbers_that_differ_are_refused(actual: Any, expected: Any, words: str) -> None:
    with pytest.raises(Mismatch) as caught:
        assert_close(actual, expected)
    assert words in str(caught.value)


def test_shape_comes_before_dtype_and_dtype_before_values() -> None:
    expected = torch.ones(2)
    with pytest.raises(Mismatch, match="shape"):
        assert_close(torch.zeros(3, dtype=torch.float64), expected, dtype=torch.float32)
    with pytest.raises(Mismatch, match=r"dtype is torch\.float64, expected torch\.float32"):
        assert_close(torch.zeros(2, dtype=torch.float64), expected, dtype=torch.float32)


def test_the_device_is_the_one_in_the_worker() -> None:
    there = torch.ones(2)
    there.learn_origin = Origin("cuda:0", False, False)  # type: ignore[attr-defined]
    assert_close(there, torch.ones(2), device="cuda")
    assert_close(there, torch.ones(2), device=torch.device("cuda", 0))
    with pytest.raises(Mismatch, match="the device is cuda:0, expected cpu"):
        assert_close(there, torch.ones(2), device="cpu")


@pytest.mark.parametrize("expected", [torch.empty(0), torch.tensor([math.nan])])
def test_a_grader_that_expects_what_nothing_equals_is_told_so(expected: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="nothing equals"):
        assert_close(expected, expected)


def test_what_is_compared_can_be_named() -> None:
    assert_close(torch.ones(2), torch.ones(2), name="weight")
    with pytest.raises(Mismatch) as caught:
        assert_close(2.5, 2.0, name="loss")
    assert (caught.value.came_back, caught.value.expected) == ("loss: 2.5", "loss: 2")


def test_of_what_is_expected_only_what_is_compared_is_shown() -> None:
    with pytest.raises(Mismatch) as caught:
        assert_close(torch.tensor([1.0, 3.0]), torch.tensor([1.0, 2.0], dtype=torch.float64))
    assert caught.value.expected == "torch.tensor([1., 2.])"
    with pytest.raises(Mismatch) as caught:
        assert_close(torch.ones(2).double(), torch.ones(2).double(), dtype=torch.float32)
    assert caught.value.came_back == "torch.tensor([1., 1.], dtype=torch.float64)"
    assert caught.value.expected == "torch.tensor([1., 1.])"
    with pytest.raises(Mismatch) as caught:
        assert_close(torch.ones(20).double(), torch.ones(20).double(), dtype=torch.float32)
    assert caught.value.expected == "float32 tensor (20,)"
    with pytest.raises(Mismatch) as caught:
        assert_close(torch.ones(20), torch.zeros(20))
    assert caught.value.expected == "tensor (20,)"
    here = torch.ones(2)
    here.learn_origin = Origin("cpu", False, False)  # type: ignore[attr-defined]
    with pytest.raises(Mismatch) as caught:
        assert_close(here, torch.ones(2), device="cuda:0")
    assert caught.value.expected == "torch.tensor([1., 1.], device='cuda:0')"


@pytest.mark.parametrize(
    ("compare", "kinds"),
    [
        (lambda: assert_value(None, (1, 2)), ("NoneType", "tuple")),
        (lambda: assert_close([1.0], torch.ones(1)), ("list", "Tensor")),
        (lambda: assert_close(torch.tensor(2.0), 2.0, name="loss"), ("Tensor", "float")),
        (lambda: assert_value((1, 2.0), (1, 2)), None),
        (lambda: assert_value(1, 2), None),
        (lambda: assert_close(torch.ones(2), torch.zeros(2)), None),
    ],
)
def test_a_reply_of_a_wrong_type_says_so_apart(compare: Any, kinds: tuple[str, str] | None) -> None:
    with pytest.raises(Mismatch) as caught:
        compare()
    assert caught.value.kinds == kinds
