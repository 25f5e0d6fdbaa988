"""Words for values are short and can be printed."""

from __future__ import annotations

from typing import Any

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
