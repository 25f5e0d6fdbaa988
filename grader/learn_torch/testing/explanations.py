"""What the numbers themselves say about a wrong result: 4 times too large, transposed, shifted by one.

Each explanation fits every value, within the tolerance of the comparison. It is a measurement, not a diagnosis: where
the values do not vary enough to rule out chance, there is none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any

from learn_torch.language import _

if TYPE_CHECKING:
    import torch

_MOST = 100_000
"""Larger tensors are not looked at: an explanation must not cost more than the check."""
_DIFFERENT = 3
"""How many different values a tensor must have at least, for a fit not to be chance."""
_EXACT = 1e-5
"""How exactly a single number must fit, or a factor of many a whole number."""
_SUM = 5
"""From this whole factor on, it may be the number of values in a sum."""


def explanation(actual: Any, expected: Any, *, rtol: float = 1e-3, atol: float = 1e-5) -> str:
    """What turns `expected` into `actual`, in the learner's language; empty where nothing simple fits all values.

    Args:
        actual: the wrong tensor or number.
        expected: the right one.
        rtol: relative tolerance of the comparison.
        atol: absolute tolerance of the comparison.
    """
    if isinstance(expected, int | float):
        return _of_numbers(actual, float(expected)) if isinstance(actual, float) else ""
    if (
        actual.is_complex()
        or expected.is_complex()
        or not actual.numel()
        or max(_sizes(actual, expected)) > _MOST
    ):
        return ""
    one, other = actual.detach().double(), expected.detach().double()
    if not bool(one.isfinite().all() & other.isfinite().all()):
        return ""
    if other.numel() == 1:
        whole = not (actual.is_floating_point() and expected.is_floating_point())
        return "" if whole or one.numel() != 1 else _of_numbers(one.item(), other.item())
    fits = _Fit(rtol, atol)
    if not fits.varies(other):
        return ""
    explain = _of_shapes if one.shape != other.shape else _of_values
    return next(explain(one, other, fits), "")


def _sizes(*tensors: torch.Tensor) -> list[int]:
    return [tensor.numel() for tensor in tensors]


class _Fit:
    """The tolerance of a comparison, and whether values vary enough for a fit to mean something."""

    def __init__(self, rtol: float, atol: float) -> None:
        self._rtol, self._atol = rtol, atol

    def __call__(self, one: torch.Tensor, other: torch.Tensor) -> bool:
        return one.shape == other.shape and bool(
            ((one - other).abs() <= self._atol + self._rtol * other.abs()).all()
        )

    def varies(self, values: torch.Tensor) -> bool:
        """Whether there are several values, further apart than the tolerance by far."""
        largest = values.abs().max().item()
        apart = 20 * (self._atol + self._rtol * largest) or 1e-9 * largest
        return bool(values.max() - values.min() > apart) and values.unique().numel() >= _DIFFERENT


def _of_numbers(actual: float, expected: float) -> str:
    if not (math.isfinite(actual) and math.isfinite(expected)) or not actual or _is_simple(expected):
        return ""
    ratio = actual / expected
    if not 1e-4 < abs(ratio) < 1e4:  # a double has limits
        return ""
    if abs(ratio + 1) <= _EXACT:
        return _("the result has the wrong sign")
    for factor, words in ((ratio, _too_large), (1 / ratio, _too_small)):
        if 2 <= (whole := _whole(factor)) <= 1000 and whole == round(whole):
            return words(whole)
    return ""


def _whole(factor: float) -> float:
    """The factor, or the whole number that it is but for rounding."""
    nearest = round(factor)
    return nearest if nearest and abs(factor / nearest - 1) <= _EXACT else factor


def _is_simple(number: float) -> bool:
    """Whether it is a fraction of small numbers, as an accuracy is: another one is a multiple of it by chance."""
    return any(abs(number * n - round(number * n)) <= 1e-6 for n in range(1, 65))


def _too_large(factor: float) -> str:
    if factor >= _SUM and factor == round(factor):
        return _("the result is {n} times too large: a sum in place of a mean?").format(n=round(factor))
    return _("the result is {n} times too large").format(n=f"{factor:.4g}")


def _too_small(factor: float) -> str:
    if factor >= _SUM and factor == round(factor):
        return _("the result is {n} times too small: a mean in place of a sum?").format(n=round(factor))
    return _("the result is {n} times too small").format(n=f"{factor:.4g}")


# --- the same shape ----------------------------------------------------------------------------------------------


def _of_values(one: torch.Tensor, other: torch.Tensor, fits: _Fit) -> Iterator[str]:
    if fits(one, -other):
        yield _("every value has the wrong sign")
    yield from _factors(one, other, fits)
    difference = (one - other).mean()
    if bool(difference.isfinite()) and fits(one, other + difference):
        text = (
            _("every value is too large by {a}") if difference > 0 else _("every value is too small by {a}")
        )
        yield text.format(a=f"{abs(difference.item()):.4g}")
    yield from _swapped(one, other, fits)
    yield from _turned(one, other, fits)
    yield from _shifted(one, other, fits)
    if fits(one.flatten().sort().values, other.flatten().sort().values):
        yield _("the values are right, but stand in another order")
    yield from _functions(one, other, fits)


def _factors(one: torch.Tensor, other: torch.Tensor, fits: _Fit) -> Iterator[str]:
    place = other.abs().argmax()
    factor = (one.flatten()[place] / other.flatten()[place]).item()
    if abs(factor) > 1e-6 and fits(one / factor, other):
        if factor < 0:
            yield _("every value is {n} times the right one").format(n=f"{factor:.4g}")
        else:
            yield _too_large(_whole(factor)) if factor > 1 else _too_small(_whole(1 / factor))


def _functions(one: torch.Tensor, other: torch.Tensor, fits: _Fit) -> Iterator[str]:
    functions: list[tuple[str, Callable[[torch.Tensor], torch.Tensor]]] = [
        (_("every value is the square of the right one"), lambda x: x**2),
        (_("every value is the square root of the right one"), lambda x: x.sqrt()),
        (_("every value is 1 divided by the right one"), lambda x: 1 / x),
        (_("every value is the absolute value of the right one"), lambda x: x.abs()),
    ]
    for text, function in functions:
        made = function(other)
        if bool(made.isfinite().all()) and fits.varies(made) and fits(one, made):
            yield text


def _swapped(one: torch.Tensor, other: torch.Tensor, fits: _Fit) -> Iterator[str]:
    for i, j in combinations(range(other.dim()), 2):
        if fits(one, other.transpose(i, j)):
            yield _("axes {i} and {j} are swapped").format(i=i, j=j)


def _turned(one: torch.Tensor, other: torch.Tensor, fits: _Fit) -> Iterator[str]:
    for axis in range(other.dim()):
        if other.shape[axis] > 1 and fits(one, other.flip(axis)):
            yield _("the values are in reverse order along axis {i}").format(i=axis)


def _shifted(one: torch.Tensor, other: torch.Tensor, fits: _Fit) -> Iterator[str]:
    for axis in range(other.dim()):
        rest = other.shape[axis] - 1
        for mine, right in ((0, 1), (1, 0)):
            kept = other.narrow(axis, right, rest) if rest > 1 else None
            if kept is not None and fits.varies(kept) and fits(one.narrow(axis, mine, rest), kept):
                yield _("the values are shifted by one along axis {i}").format(i=axis)


# --- another shape -----------------------------------------------------------------------------------------------


def _of_shapes(one: torch.Tensor, other: torch.Tensor, fits: _Fit) -> Iterator[str]:
    yield from _swapped(one, other, fits)
    if one.numel() == other.numel() and fits(one.flatten(), other.flatten()):
        yield _("the values are right, and only the shape is another")
    if one.dim() != other.dim():
        return
    for axis in range(other.dim()):
        longer, shorter = (one, other) if one.shape[axis] > other.shape[axis] else (other, one)
        rest = shorter.shape[axis]
        if longer.shape[axis] != rest + 1 or not rest or not fits.varies(shorter):
            continue
        if any(fits(longer.narrow(axis, start, rest), shorter) for start in (0, 1)):
            text = (
                _("there is one too many along axis {i}; the others are right")
                if longer is one
                else _("one is missing along axis {i}; the others are right")
            )
            yield text.format(i=axis)
