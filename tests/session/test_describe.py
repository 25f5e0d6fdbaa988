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
