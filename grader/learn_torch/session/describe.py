"""Short texts for values, of bounded length, for messages such as what was asked and what came back."""

from __future__ import annotations

import sys
from pathlib import PurePath
from typing import Any

from learn_torch.escaping import printable

_LONGEST = 160
_ITEMS = 8


def describe(value: Any, room: int = _LONGEST, *, names: bool = False) -> str:
    """`value` as a text of at most `room` characters: tensors by dtype and shape, long values cut.

    A handle is shown by its type; with `names`, by its name in the grader.
    """
    text = printable(_describe(value, 0, names))
    return text if len(text) <= room else text[: room - 1] + "…"


def describe_call(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """A call as a grader would write it."""
    parts = [describe(arg, 60, names=True) for arg in args] + [
        f"{key}={describe(value, 60, names=True)}" for key, value in kwargs.items()
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
    if torch is not None and issubclass(kind, torch.Tensor):
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


def describe_tensor(tensor: Any) -> str:
    """dtype, shape and, if small, the numbers of a tensor; its device where that is not the CPU."""
    dtype = str(tensor.dtype).removeprefix("torch.")
    origin = getattr(tensor, "learn_origin", None)
    where = f" on {origin.device}" if origin is not None and origin.device != "cpu" else ""
    numbers = ""
    if 0 < tensor.numel() <= 6:
        numbers = " " + _numbers(tensor.detach().tolist())
    if tensor.dim() == 0:
        return f"0-dim {dtype} tensor{where}{numbers}"
    return f"{dtype} tensor {tuple(tensor.shape)}{where}{numbers}"


def _numbers(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_numbers(item) for item in value)}]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
