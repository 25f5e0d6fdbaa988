"""Short texts for values, of bounded length, for messages such as what was asked and what came back."""

from __future__ import annotations

import math
import sys
from pathlib import PurePath
from typing import Any

from learn_torch.escaping import printable

_LONGEST = 160
_ITEMS = 8
_NUMBERS = 12
"""How many numbers of a tensor are shown."""
_DEFAULTS = ("float32", "int64", "bool", "complex64")
"""The dtypes that `torch.tensor` gives to numbers by itself."""


def describe(value: Any, room: int = _LONGEST, *, names: bool = False) -> str:
    """`value` as a text of at most `room` characters: small tensors as Python makes them, long values cut.

    A handle is shown by its type; with `names`, by its name in the grader.
    """
    text = printable(_describe(value, 0, names))
    if len(text) > room and _is_tensor(value):
        text = describe_tensor(value, numbers=False)
    return text if len(text) <= room else text[: room - 1] + "…"


def describe_call(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """A call as a grader would write it."""
    parts = [describe(arg, names=True) for arg in args] + [
        f"{key}={describe(value, names=True)}" for key, value in kwargs.items()
    ]
    text = f"{name}({', '.join(parts)})"
    return text if len(text) <= 400 else text[:399] + "…"


def _describe(value: Any, depth: int, names: bool) -> str:
    from learn_torch.session import proxies

    kind = type(value)
    if kind is proxies.Handle:
        return _handle(value, names)
    # A value of a library's class exists only if the library is imported already: import nothing for this.
    torch, numpy, pictures = (sys.modules.get(name) for name in ("torch", "numpy", "PIL.Image"))
    if _is_tensor(value):
        return describe_tensor(value)
    if torch is not None and kind is torch.device:
        return f"device({str(value)!r})"
    if kind is str:
        return repr(value if len(value) <= 200 else value[:200] + "…")
    if kind is bytes:
        return f"{len(value)} bytes"
    if kind is int and abs(value) >= 10**40:
        return f"an int of {value.bit_length()} bits"
    if numpy is not None and issubclass(kind, numpy.ndarray):
        return f"array{tuple(value.shape)} of {value.dtype}"
    if pictures is not None and issubclass(kind, pictures.Image):
        return f"image {value.mode} {value.width}×{value.height}"
    if kind in (list, tuple, set, frozenset, dict):
        return _container(value, kind, depth, names)
    if issubclass(kind, PurePath):
        return f"Path({str(value)!r})"
    if kind is slice:  # its parts may be ints too large for repr
        parts = (value.start, value.stop, value.step)
        return f"slice({', '.join(_describe(part, depth + 1, names) for part in parts)})"
    if torch is not None and kind is torch.Size:
        return f"torch.Size({_container(list(value), list, depth, names)})"
    return repr(value)


def _container(value: Any, kind: type, depth: int, names: bool) -> str:
    if depth > 3:
        return "…"
    if kind is dict:
        items = [
            f"{_describe(k, depth + 1, names)}: {_describe(v, depth + 1, names)}"
            for k, v in list(value.items())[:_ITEMS]
        ]
    else:
        items = [_describe(item, depth + 1, names) for item in list(value)[:_ITEMS]]
    if len(value) > _ITEMS:
        items.append("…")
    inner = ", ".join(items)
    if kind is tuple:
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if kind is list:
        return f"[{inner}]"
    return f"{{{inner}}}" if value else f"{kind.__name__}()"


def _handle(value: Any, names: bool) -> str:
    from learn_torch.session import proxies

    label = object.__getattribute__(value, "_learn_label")
    return (
        f"<{proxies.type_name(value)}>"
        if not names or label.startswith("<")
        else str(label).removeprefix("sandbox.")
    )


def describe_tensor(tensor: Any, *, numbers: bool = True, dtype: Any = True, device: str = "") -> str:
    """A small tensor as an expression that Python can read again; a larger one by its dtype, shape and device.

    Args:
        tensor: the tensor.
        numbers: False shows the numbers of no tensor.
        dtype: True shows the tensor's own; another dtype is shown in its place; None where it does not matter.
        device: the device to show; by default its own in the worker, unless that is the CPU.
    """
    kind = str(tensor.dtype if dtype is True else dtype).removeprefix("torch.") if dtype else ""
    origin = getattr(tensor, "learn_origin", None)
    where = device or (origin.device if origin is not None and origin.device != "cpu" else "")
    if numbers and 0 < tensor.numel() <= _NUMBERS:
        options = f", dtype=torch.{kind}" if kind and kind not in _DEFAULTS else ""
        options += f", device={where!r}" if where else ""
        return f"torch.tensor({_numbers(tensor.detach().tolist())}{options})"
    words = f"{kind} tensor".lstrip()
    shape = f"{words} {tuple(tensor.shape)}" if tensor.dim() else f"0-dim {words}"
    return f"{shape} on {where}" if where else shape


def _numbers(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_numbers(item) for item in value)}]"
    if not isinstance(value, float):
        return str(value)
    if not math.isfinite(value):
        return f"{'-' if value < 0 else ''}torch.{'nan' if math.isnan(value) else 'inf'}"
    text = f"{value:.6g}"
    return text if {".", "e"} & set(text) else f"{text}."


def _is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and issubclass(type(value), torch.Tensor)
