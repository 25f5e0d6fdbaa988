"""Descriptions of values are short and printable."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy
import PIL.Image
import pytest
import torch

from learn_torch.session.describe import describe

HUGE = 10**15_000


@pytest.mark.parametrize(
    "value",
    [HUGE, -HUGE, (HUGE,), slice(HUGE, None, HUGE), {HUGE: HUGE}, range(-(2**62), 2**62), torch.Size([3] * 10_000),
     "x" * 10**6, b"x" * 10**6, [[[[[[1]]]]]], "\x1b[2J\ud800\u202e", list(range(10**5))],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_any_value_has_a_short_and_printable_description(value: Any) -> None:
    text = describe(value)
    assert 0 < len(text) <= 160
    assert text.isprintable()


class Handle:
    """Has the name of our proxy class."""


class ndarray:
    """Has the name of NumPy's array class."""


@pytest.mark.parametrize(
    "namesake", [Handle(), ndarray(), PIL.Image.Transpose.ROTATE_90], ids=["handle", "array", "picture"]
)
def test_a_value_is_told_by_its_class_and_not_by_the_name_of_its_class(namesake: Any) -> None:
    assert describe(namesake) == repr(namesake)


def test_a_handle_of_asyncios_is_none_of_ours() -> None:
    loop = asyncio.new_event_loop()
    try:
        assert describe(loop.call_soon(print)) == "<Handle print()>"
    finally:
        loop.close()


def test_known_classes_have_words_of_their_own() -> None:
    assert describe(PIL.Image.new("L", (3, 2))) == "image L 3×2"
    assert describe(numpy.zeros((2, 3))) == "array(2, 3) of float64"
    assert describe(Path("a")) == "Path('a')"


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (torch.tensor([[1.0, -2.0]]), "torch.tensor([[1., -2.]])"),
        (torch.tensor(4.6666667), "torch.tensor(4.66667)"),
        (torch.tensor([1, 2]), "torch.tensor([1, 2])"),
        (torch.tensor([True]), "torch.tensor([True])"),
        (torch.tensor([1.5], dtype=torch.float64), "torch.tensor([1.5], dtype=torch.float64)"),
        (torch.tensor([1], dtype=torch.uint8), "torch.tensor([1], dtype=torch.uint8)"),
        (torch.tensor([torch.nan, -torch.inf]), "torch.tensor([torch.nan, -torch.inf])"),
        (torch.tensor([1e30, 1e-7]), "torch.tensor([1e+30, 1e-07])"),
    ],
)
def test_a_small_tensor_can_be_pasted_into_python(tensor: torch.Tensor, text: str) -> None:
    assert describe(tensor) == text
    again = eval(text)
    assert again.dtype == tensor.dtype
    torch.testing.assert_close(again, tensor, rtol=1e-5, atol=0, equal_nan=True)


def test_a_larger_tensor_is_told_by_its_dtype_and_shape() -> None:
    assert describe(torch.zeros(13)) == "float32 tensor (13,)"
    assert describe(torch.empty(0, 3)) == "float32 tensor (0, 3)"
    assert describe(torch.full((12,), 1.2345678e-30), 60) == "float32 tensor (12,)"
    assert describe((torch.ones(2), 1)) == "(torch.tensor([1., 1.]), 1)"
