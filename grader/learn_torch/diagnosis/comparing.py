"""Compare traces: do two of them show the same behaviour?"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from learn_torch.judge.tracing import CheckTrace, TestTrace

_RTOL, _ATOL = 1e-3, 1e-5
_LIKE = 0.8
"""How similar the messages of two exceptions must be: versions of Python and torch word them differently."""


def alike(one: CheckTrace, other: CheckTrace) -> bool:
    """Whether two traces of a check show the same behaviour: the same tests fail after the same replies."""
    if one.keys() != other.keys():
        return False
    return all(_same_test(trace, other[name]) for name, trace in one.items())


def _same_test(one: TestTrace | None, other: TestTrace | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.replies == other.replies and _same(one.last, other.last)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        if len(one) == len(other) == 3 and one[0] == other[0] == "raised":
            in_words: float = SequenceMatcher(None, one[2], other[2]).ratio()
            return bool(one[1] == other[1]) and in_words >= _LIKE
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return one == other or abs(one - other) <= _ATOL + _RTOL * max(abs(one), abs(other))
    return type(one) is type(other) and bool(one == other)


def unwritten(trace: CheckTrace) -> bool:
    """Whether the check failed because a function raised `NotImplementedError`, or the file could not be imported."""
    failed = [test for test in trace.values() if test is not None]
    return any(test.last and _is_unwritten(test.last[-1]) for test in failed)


def _is_unwritten(event: list[Any]) -> bool:
    asked, reply = event
    if asked == "load":
        return bool(reply[0] != "answered")
    return reply[:2] in (["refused", "builtins.NotImplementedError"], ["lost", "time"])
