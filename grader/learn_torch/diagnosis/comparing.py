"""Compare traces: do two of them show the same behaviour, and what do they have in common?"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from learn_torch.judge.tracing import CheckTrace, TestTrace

_RTOL, _ATOL = 1e-3, 1e-5
_LIKE = 0.8
"""How similar the messages of two exceptions must be: versions of Python and torch word them differently."""
ANYTHING = ["*"]
"""In a trace, in place of what differs between two ways of writing the same mistake."""


def alike(one: CheckTrace, other: CheckTrace) -> bool:
    """Whether two traces of a check show the same behaviour: the same tests fail after the same replies.

    Where one of them has ANYTHING, the other may have any reply or part of a reply.
    """
    if one.keys() != other.keys():
        return False
    return all(same_test(trace, other[name]) for name, trace in one.items())


def same_test(one: TestTrace | None, other: TestTrace | None) -> bool:
    """Whether two traces of a test show the same behaviour."""
    if one is None or other is None:
        return one is other
    return one.replies == other.replies and _same(one.last, other.last)


def _same(one: Any, other: Any) -> bool:
    if ANYTHING in (one, other):
        return True
    if isinstance(one, list) and isinstance(other, list):
        if len(one) == len(other) == 3 and one[0] == other[0] == "raised":
            in_words: float = SequenceMatcher(None, one[2], other[2]).ratio()
            return bool(one[1] == other[1]) and in_words >= _LIKE
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return one == other or abs(one - other) <= _ATOL + _RTOL * max(abs(one), abs(other))
    return type(one) is type(other) and bool(one == other)


def in_common(one: CheckTrace, other: CheckTrace) -> CheckTrace | None:
    """What two traces of a check have in common, with ANYTHING for the rest; None if they have nothing to tell.

    Two ways of writing the same mistake differ in what does not matter, such as the names of attributes or the order
    of independent statements.
    """
    if one.keys() != other.keys():
        return None
    found: CheckTrace = {}
    for name, trace in one.items():
        there = other[name]
        found[name] = _in_common_test(trace, there) if trace and there else None
        if found[name] is None and (trace or there):
            return None
    return found


def _in_common_test(one: TestTrace, other: TestTrace) -> TestTrace | None:
    if one.replies != other.replies:
        return None
    last = _common(one.last, other.last)
    if last == ANYTHING or (one.last and not any(map(_tells, last))):
        return None
    return TestTrace(one.replies, last, one.names)


def _common(one: Any, other: Any) -> Any:
    if _same(one, other):
        return other if one == ANYTHING else one
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [_common(*pair) for pair in zip(one, other, strict=True)]
    return ANYTHING


def _tells(event: Any) -> bool:
    """Whether anything is left of a reply, besides what was asked."""
    return bool(event != ANYTHING and event[1] != ANYTHING)


def unwritten(trace: CheckTrace) -> bool:
    """Whether the check failed because a function raised `NotImplementedError`, or the file could not be imported."""
    return any(map(unwritten_test, trace.values()))


def unwritten_test(trace: TestTrace | None) -> bool:
    """Whether a test failed for such a reason."""
    return bool(trace and trace.last and _is_unwritten(trace.last[-1]))


def _is_unwritten(event: list[Any]) -> bool:
    if event == ANYTHING:
        return False
    asked, reply = event
    if asked == "load":
        return bool(reply[0] != "answered")
    return reply[:2] in (["refused", "builtins.NotImplementedError"], ["lost", "time"])
