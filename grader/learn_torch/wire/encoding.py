"""Python objects to wire values.

Only exact plain types are sent by value. Everything else, such as a subclass, a tensor with autograd history or a
Parameter, stays on its side and is sent as `Held`. Both sides use this module; `hold` stores an object on this side.
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from learn_torch import wire
from learn_torch.wire.values import DTYPES, MAX_INT_BYTES, PICTURE_BANDS, Value

if TYPE_CHECKING:
    import torch

Hold = Callable[[Any], wire.Held]
LogicalDevice = Callable[["torch.Tensor"], str]


class CannotCross(Exception):
    """A value that has no wire form and cannot be held."""


class Encoder:
    """Turns objects into wire values.

    Args:
        hold: stores an object on this side and returns its reference.
        device_of: returns the logical device of a tensor.
        deep: send tensors with history, Parameters and subclasses of plain types by value, too.
    """

    def __init__(self, hold: Hold, device_of: LogicalDevice, *, deep: bool = False) -> None:
        self._hold = hold
        self._device_of = device_of
        self._deep = deep
        self._items = 0

    def encode(self, value: Any, depth: int = 0) -> Value:
        """The wire form of `value`."""
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value  # type: ignore[no-any-return]
        if kind is int:
            return value if -(2**63) <= value < 2**63 else self._big(value)
        if kind is str:
            return _text(value)
        if kind is bytes:
            return wire.Bytes(value) if len(value) < wire.MAX_FRAME - 4096 else self._hold(value)
        if depth >= wire.MAX_DEPTH:
            return self._hold(value)
        plain = _CONTAINERS.get(kind)
        if plain is None and self._deep and not _is_size(kind):
            plain = next((c for base, c in _CONTAINERS.items() if issubclass(kind, base)), None)
        if plain is not None:
            items = plain(value)
            keys = len(items) // 2 if issubclass(kind, dict) else len(items)
            if self._items + len(items) > wire.MAX_ITEMS or (
                issubclass(kind, dict | set | frozenset) and keys > wire.MAX_KEYS
            ):
                return self._hold(value)
            self._items += len(items)
            encoded = [self.encode(item, depth + 1) for item in items]
            return _BUILD[next(base for base in _CONTAINERS if issubclass(kind, base))](encoded, value)
        return self._other(value, kind)

    def _big(self, value: int) -> Value:
        size = value.bit_length() // 8 + 1
        return (
            wire.BigInt(value.to_bytes(size, "little", signed=True))
            if size <= MAX_INT_BYTES
            else self._hold(value)
        )

    def _other(self, value: Any, kind: type) -> Value:
        if kind is complex:
            return wire.Complex(value.real, value.imag)
        if kind is slice:
            return wire.Slice(
                *(self.encode(part, wire.MAX_DEPTH - 1) for part in (value.start, value.stop, value.step))
            )
        if kind is range:
            return self._range(value)
        if kind in (pathlib.PosixPath, pathlib.WindowsPath, pathlib.PurePosixPath, pathlib.PureWindowsPath):
            return wire.Path(str(value)) if _is_utf8(str(value)) else self._hold(value)
        found = self._torch(value, kind)
        if found is None:
            found = self._numpy(value, kind)
        if found is None:
            found = self._picture(value, kind)
        if found is None and self._deep:
            found = self._base(value)
        return self._hold(value) if found is None else found

    def _range(self, value: range) -> Value:
        parts = (value.start, value.stop, value.step)
        # The receiver may iterate over it: a long range stays here, as a long list does.
        if not all(abs(part) < 2**63 for part in parts) or value[wire.MAX_ITEMS - self._items :]:
            return self._hold(value)
        self._items += len(value)
        return wire.Range(*parts)

    def _base(self, value: Any) -> Value:
        # A subclass of a plain scalar: the base class converts it, so that no method of the subclass runs.
        for base in (int, float, str, bytes):
            if issubclass(type(value), base):
                plain = base.__add__(value, base()) if base in (str, bytes) else base.__pos__(value)  # type: ignore[operator]
                return self.encode(plain)
        return None

    def _torch(self, value: Any, kind: type) -> Value:
        torch = sys.modules.get("torch")
        if torch is None:
            return None
        if kind is torch.Size:
            return wire.Size(list(value))
        if kind is torch.dtype:
            return wire.DType(str(value).removeprefix("torch."))
        if kind is torch.device:
            return wire.Device(str(value))
        if kind is torch.Tensor or (self._deep and issubclass(kind, torch.Tensor)):
            with torch._C.DisableTorchFunction(), torch.utils._python_dispatch._disable_current_modes():
                parameter = kind is torch.nn.Parameter
                if kind is not torch.Tensor and not parameter:
                    # The base class converts it (and shares the storage), so that no method of the subclass runs.
                    value = torch.Tensor.as_subclass(value, torch.Tensor)
                if value.grad_fn is not None and not self._deep:
                    return None
                return self._tensor(torch, value, parameter)
        return None

    def _tensor(self, torch: Any, value: Any, parameter: bool) -> Value:
        name = str(value.dtype).removeprefix("torch.")
        if value.layout is not torch.strided or name not in DTYPES or value.device.type == "meta":
            return None
        if value.numel() * DTYPES[name] > wire.MAX_FRAME - 4096:
            return None
        flat = value.detach().resolve_conj().resolve_neg().cpu().contiguous().reshape(-1)
        data = flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""
        device = self._device_of(value)
        return wire.Tensor(name, list(value.shape), data, device, bool(value.requires_grad), parameter)

    def _numpy(self, value: Any, kind: type) -> Value:
        numpy = sys.modules.get("numpy")
        if numpy is None or not (kind is numpy.ndarray or issubclass(kind, numpy.generic)):
            return None
        dtype = value.dtype
        if (
            dtype.kind not in "biufc"
            or dtype.itemsize > 16
            or dtype.hasobject
            or value.nbytes > wire.MAX_FRAME - 4096
        ):
            return None
        little = numpy.ascontiguousarray(value).astype(dtype.newbyteorder("<"), copy=False)
        return wire.Array(little.dtype.str, list(value.shape), little.tobytes(), kind is not numpy.ndarray)

    def _picture(self, value: Any, kind: type) -> Value:
        image = sys.modules.get("PIL.Image")
        if image is None or not (kind is image.Image or (self._deep and issubclass(kind, image.Image))):
            return None
        if value.mode not in PICTURE_BANDS or value.width * value.height > wire.MAX_PIXELS:
            return None
        palette = bytes(value.getpalette() or b"") if value.mode == "P" else None
        return wire.Picture(value.mode, (value.width, value.height), value.tobytes(), palette)


def _is_size(kind: type) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and kind is torch.Size


def _text(value: str) -> Value:
    return value if _is_utf8(value) else wire.OddText(value.encode("utf-8", "surrogatepass"))


def _is_utf8(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


# The base classes iterate, so that a subclass cannot return other items under `deep`.
_CONTAINERS: dict[type, Callable[[Any], list[Any]]] = {
    tuple: lambda value: list(tuple.__iter__(value)),
    list: lambda value: list(list.__iter__(value)),
    dict: lambda value: [part for item in dict.items(value) for part in item],
    set: lambda value: list(set.__iter__(value)),
    frozenset: lambda value: list(frozenset.__iter__(value)),
}
_BUILD: dict[type, Callable[[list[Value], Any], Value]] = {
    tuple: lambda items, _value: wire.Tuple(items),
    list: lambda items, _value: wire.List(items),
    dict: lambda items, _value: wire.Dict(items),
    set: lambda items, _value: wire.Set(items, False),
    frozenset: lambda items, _value: wire.Set(items, True),
}
