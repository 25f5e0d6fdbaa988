"""Words for values are short, and no terminal, page or CI runner obeys what a submission says."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from learn_torch.sandbox.describe import describe, harmless, printable

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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::x", "\\x3a:error::x"),
        ("a\n \t::set-output name=x::y", "a\n \t\\x3a:set-output name=x::y"),
        ("before ##[command]ls", "before \\x23#[command]ls"),
        ("C::method and # not ## a heading", "C::method and # not ## a heading"),
        ("\x1b[31mred\r\x07", "\\x1b[31mred\\r\\x07"),
        ("\ud800\u202e\u2028", "\\ud800\\u202e\\u2028"),
        ("中文 ✓\n\tindented", "中文 ✓\n\tindented"),
    ],
)
def test_what_somebody_would_obey_is_escaped(text: str, shown: str) -> None:
    assert harmless(text) == shown
    assert printable("a\nb") == "a\\nb"


def test_escaping_takes_time_that_grows_with_the_text_alone() -> None:
    """Quadratic, this would take minutes."""
    assert len(harmless("\n" * 100_000 + " " * 100_000)) == 200_000
