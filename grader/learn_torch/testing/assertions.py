"""Assertions that report what came back and what was expected. They compare plain values, in the judge."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

from learn_torch.language import _
from learn_torch.session.describe import describe, describe_tensor
from learn_torch.session.faults import HandleError
from learn_torch.session.proxies import Origin, is_handle, type_name
from learn_torch.testing.explanations import explanation

if TYPE_CHECKING:
    import torch


class Mismatch(AssertionError):
    """The reply is not what was expected.

    Args:
        came_back: the reply, as a text.
        expected: the expected reply, as a text.
        detail: where they first differ, as a text; may be empty.
        kinds: the types of both, where the reply as a whole has the wrong one.
    """

    def __init__(
        self, came_back: str, expected: str, detail: str = "", *, kinds: tuple[str, str] | None = None
    ) -> None:
        super().__init__(f"came back: {came_back}; expected: {expected}" + (f"; {detail}" if detail else ""))
        self.came_back = came_back
        self.expected = expected
        self.detail = detail
        self.kinds = kinds


def origin_of(tensor: Any) -> Origin:
    """The properties that a fetched tensor had in the worker: logical device, `requires_grad`, whether a Parameter.

    Raises:
        Mismatch: it is not a tensor from the worker.
    """
    origin = getattr(plain(tensor), "learn_origin", None)
    if not isinstance(origin, Origin):
        raise Mismatch(describe(tensor), _("a tensor"))
    return origin


def plain(value: Any) -> Any:
    """`value` itself; for a handle its value, or the handle where the value cannot be fetched."""
    if not is_handle(value):
        return value
    try:
        return value.value()
    except HandleError:
        return value


def assert_value(actual: Any, expected: Any) -> None:
    """Assert that `actual` has `expected`'s type and is equal to it; inside tuples, lists and dicts, too.

    A subclass counts as its base class, as for `isinstance`: a `torch.Size` is a tuple, a NumPy float64 is a float. A
    float or a bool is not an int. NaN equals nothing. Numbers must be equal exactly; `assert_close` has a tolerance.

    Raises:
        Mismatch: they differ. The detail says where they first differ.
    """
    actual = plain(actual)
    if where := _difference(actual, expected, ""):
        kinds = None if _is_kind(actual, expected) else (_kind_name(actual), type(expected).__name__)
        raise Mismatch(describe(actual), describe(expected), where.strip(), kinds=kinds)


def _difference(actual: Any, expected: Any, path: str) -> str:
    at = _("at {path}: ").format(path=path) if path else ""
    if not _is_kind(actual, expected):
        return at + _wrong_type(actual, expected)
    if isinstance(expected, tuple | list):
        if len(actual) != len(expected):
            return at + _("{n} items came back, {m} were expected").format(n=len(actual), m=len(expected))
        pairs = [(plain(a), e, f"{path}[{i}]") for i, (a, e) in enumerate(zip(actual, expected, strict=True))]
        return next((found for a, e, p in pairs if (found := _difference(a, e, p))), "")
    if isinstance(expected, dict):
        if list(map(repr, sorted(actual, key=repr))) != list(map(repr, sorted(expected, key=repr))):
            return at + _("the keys are {keys}, expected {wanted}").format(
                keys=describe(list(actual)), wanted=describe(list(expected))
            )
        pairs = [(plain(actual[k]), e, f"{path}[{k!r}]") for k, e in expected.items()]
        return next((found for a, e, p in pairs if (found := _difference(a, e, p))), "")
    if _is_tensor(expected):
        try:
            assert_close(actual, expected, dtype=expected.dtype, rtol=0, atol=0)
        except Mismatch as mismatch:
            both = _unlike(mismatch.came_back, mismatch.expected) if not expected.ndim else ""
            return at + "\n".join(text for text in (both, mismatch.detail) if text)
        return ""
    if actual == expected:
        return ""
    return at + _unlike(describe(actual), describe(expected)) if path else " "


def _unlike(found: str, wanted: str) -> str:
    return _("{a} came back, {b} was expected").format(a=found, b=wanted)


def _is_kind(actual: Any, expected: Any) -> bool:
    if is_handle(actual):
        return False
    if isinstance(expected, bool) or expected is None or isinstance(actual, bool):
        return type(actual) is type(expected)
    return isinstance(actual, type(expected))


def _wrong_type(actual: Any, expected: Any) -> str:
    if is_handle(actual) and _kind_name(actual) == type(expected).__name__:  # or it would have come by value
        return _("the {kind} is too long, or nested too deep, to be compared").format(kind=_kind_name(actual))
    return _("the type is {a}, expected {b}").format(a=_kind_name(actual), b=type(expected).__name__)


def _kind_name(value: Any) -> str:
    return type_name(value) if is_handle(value) else type(value).__name__


def _is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")  # not loaded: no value can be a tensor
    return torch is not None and not is_handle(value) and isinstance(value, torch.Tensor)


def assert_close(
    actual: Any,
    expected: torch.Tensor | float,
    *,
    rtol: float = 1e-3,
    atol: float = 1e-5,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
    name: str = "",
) -> None:
    """Assert that `actual` is a tensor or number within `atol + rtol * |expected|` of `expected`.

    The shape is compared first, then the dtype and the device if they are given, then the values. NaN equals nothing;
    an infinity equals only itself.

    Args:
        actual: the reply: a tensor of any dtype, or an int or a float where `expected` is a number.
        expected: computed by the grader in the judge; not empty and without NaN.
        rtol: relative tolerance.
        atol: absolute tolerance.
        dtype: the required dtype, if there is one.
        device: the required logical device, if there is one; `cuda` is `cuda:0`.
        name: what is compared, if the call does not make it clear: a parameter of a model, one item of many.

    Raises:
        Mismatch: they differ. The detail says where they first differ.
    """
    try:
        _assert_close(actual, expected, rtol, atol, dtype, device)
    except Mismatch as mismatch:
        if not name:
            raise
        came_back, wanted = (f"{name}: {text}" for text in (mismatch.came_back, mismatch.expected))
        raise Mismatch(came_back, wanted, mismatch.detail, kinds=mismatch.kinds) from None


def _assert_close(
    actual: Any,
    expected: torch.Tensor | float,
    rtol: float,
    atol: float,
    dtype: torch.dtype | None,
    device: torch.device | str | None,
) -> None:
    actual = plain(actual)
    if isinstance(expected, int | float):
        _assert_number(actual, float(expected), rtol, atol)
        return
    if expected.numel() == 0 or expected.isnan().any():
        raise ValueError("the grader expects an empty tensor or NaN, which nothing equals")
    # Only what is compared is shown of what is expected: a grader often computes it with another dtype.
    wanted = _describe_expected(expected, dtype, device)
    if not _is_tensor(actual):
        kinds = _kind_name(actual), "Tensor"
        raise Mismatch(describe(actual), wanted, _("a tensor was expected"), kinds=kinds)
    if actual.shape != expected.shape:
        text = _("the shape is {a}, expected {b}")
        text = text.format(a=tuple(actual.shape), b=tuple(expected.shape))
        raise Mismatch(describe(actual), wanted, _with_note(text, actual, expected, rtol, atol))
    if dtype is not None and actual.dtype != dtype:
        text = _("the dtype is {a}, expected {b}").format(a=actual.dtype, b=dtype)
        raise Mismatch(describe(actual), wanted, text)
    if device is not None and not same_device(found := origin_of(actual).device, device):
        text = _("the device is {a}, expected {b}").format(a=found, b=device)
        raise Mismatch(describe(actual), wanted, text)
    if text := _first_difference(actual, expected, rtol, atol):
        if not actual.ndim:  # what came back and what was expected say it all
            text = ""
        raise Mismatch(describe(actual), wanted, _with_note(text, actual, expected, rtol, atol).strip())


def _describe_expected(
    expected: torch.Tensor, dtype: torch.dtype | None, device: torch.device | str | None
) -> str:
    # Where the dtype does not matter, a double rounded for display stands for any of them.
    where = "" if device is None or str(device) == "cpu" else str(device)
    text = describe_tensor(expected, dtype=dtype, device=where)
    return text if len(text) <= 160 else describe_tensor(expected, numbers=False, dtype=dtype, device=where)


def _with_note(text: str, actual: Any, expected: Any, rtol: float, atol: float) -> str:
    """The difference, and what the measurement says of it, where that is plain."""
    found = explanation(actual, expected, rtol=rtol, atol=atol)
    return text + ("\n" + _("note: {text}").format(text=found) if found else "")


def same_device(one: torch.device | str, other: torch.device | str) -> bool:
    """Whether two devices are the same; `cuda` is `cuda:0`."""
    import torch

    first, second = torch.device(one), torch.device(other)
    return first.type == second.type and (first.index or 0) == (second.index or 0)


def _assert_number(actual: Any, expected: float, rtol: float, atol: float) -> None:
    wanted = f"{expected:.6g}"
    if is_handle(actual) or isinstance(actual, bool) or not isinstance(actual, int | float):
        kind = _kind_name(actual)
        text = _("a Python number was expected, not {kind}").format(kind=kind)
        raise Mismatch(describe(actual), wanted, text, kinds=(kind, "float"))
    if math.isnan(actual) or not (
        actual == expected or abs(actual - expected) <= atol + rtol * abs(expected)
    ):
        came_back = f"{actual:.6g}" if isinstance(actual, float) else describe(actual)
        raise Mismatch(came_back, wanted, _with_note("", actual, expected, rtol, atol).strip())


def _first_difference(actual: torch.Tensor, expected: torch.Tensor, rtol: float, atol: float) -> str:
    """How many values differ, and the first of them; empty where none does."""
    import torch

    kind = torch.complex128 if actual.is_complex() or expected.is_complex() else torch.float64
    one, other = actual.detach().to(kind), expected.detach().to(kind)
    close = (one == other) | ((one - other).abs() <= atol + rtol * other.abs()) & other.isfinite()
    if bool(close.all()):
        return ""
    wrong = (~close).nonzero()
    index = tuple(wrong[0].tolist())
    a, b = f"{one[index].item():.6g}", f"{other[index].item():.6g}"
    if not index:
        return _unlike(a, b)
    many = _("{n} of {m} values differ; first ").format(n=len(wrong), m=one.numel())
    return many + _("at {index}: {a}, expected {b}").format(index=list(index), a=a, b=b)
