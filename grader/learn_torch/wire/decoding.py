"""Wire values to Python objects. Sizes are compared with the bytes before an object is made."""

from __future__ import annotations

import math
import pathlib
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from learn_torch import wire
from learn_torch.wire.values import DTYPES, MAX_INT_BYTES, PICTURE_BANDS, BadMessage, Value

if TYPE_CHECKING:
    import torch

_NUMPY_DTYPE = re.compile(r"[<|=][biufc]\d{1,2}")
Unhold = Callable[[wire.Held], Any]
MIB = 2**20


class Budget:
    """The limit for all answers of one check together; each single answer has limits of its own.

    Args:
        bytes_left: bytes of messages and of decoded pixels.
        items_left: items of containers, and answers.
    """

    def __init__(self, bytes_left: int = 256 * MIB, items_left: int = 1_000_000) -> None:
        self._bytes, self._items = bytes_left, items_left

    def take(self, *, data: int = 0, items: int = 0) -> None:
        """Subtract bytes and items. Raises Overspent if not enough are left."""
        self._bytes -= data
        self._items -= items
        if self._bytes < 0 or self._items < 0:
            raise Overspent


class Overspent(Exception):
    """The answers of one check exceed their limit."""


class Decoder:
    """Turns wire values into objects.

    Args:
        unhold: returns the local object for a `Held`.
        tensor: attaches to a tensor the properties that its bytes do not show.
        budget: the limit for decoded values; by default a new one.
    """

    def __init__(
        self,
        unhold: Unhold,
        tensor: Callable[[torch.Tensor, wire.Tensor], Any],
        budget: Budget | None = None,
    ) -> None:
        self._unhold = unhold
        self._finish = tensor
        self._budget = budget or Budget()
        self._items = 0

    def decode(self, value: Value) -> Any:
        """The object of a wire value.

        Raises:
            BadMessage: the value is inconsistent.
            Overspent: the value exceeds the budget.
        """
        try:
            return self._decode(value, 0)
        except (RuntimeError, ValueError, OverflowError, MemoryError) as error:  # from torch, NumPy or Pillow
            raise BadMessage(f"{type(error).__name__}: {str(error)[:200]}") from error

    def _decode(self, value: Value, depth: int) -> Any:
        if isinstance(value, str):
            self._budget.take(data=4 * len(value))  # one wide character makes all characters wide
            return value
        if value is None or isinstance(value, bool | int | float):
            return value
        if depth > wire.MAX_DEPTH:
            raise BadMessage("a value nested too deep")
        match value:
            case wire.Held():
                self._budget.take(data=8 * len(value.kind))
                return self._unhold(value)
            case wire.Tuple(items):
                return tuple(self._all(items, depth))
            case wire.List(items):
                return list(self._all(items, depth))
            case wire.Set(items, frozen):
                return (frozenset if frozen else set)(self._hashable(self._all(items, depth)))
            case wire.Dict(items):
                if len(items) % 2:
                    raise BadMessage("a dict with a key without a value")
                parts = list(self._all(items, depth))
                return dict(zip(self._hashable(parts[::2]), parts[1::2], strict=True))
            case wire.BigInt(data):
                if len(data) > MAX_INT_BYTES:
                    raise BadMessage("an int too large")
                return int.from_bytes(data, "little", signed=True)
            case wire.Bytes(data):
                return data
            case wire.Complex(real, imag):
                return complex(real, imag)
            case wire.OddText(data):
                try:
                    return data.decode("utf-8", "surrogatepass")
                except UnicodeDecodeError as error:
                    raise BadMessage(str(error)) from error
            case wire.Slice(start, stop, step):
                return slice(*(self._decode(part, depth + 1) for part in (start, stop, step)))
            case wire.Range(start, stop, step):
                if step == 0:
                    raise BadMessage("a range with step 0")
                self._count(len(range(start, stop, step)))
                return range(start, stop, step)
            case wire.Path(text):
                return pathlib.Path(text)
            case wire.Size(dims):
                import torch

                self._count(len(dims))
                return torch.Size(dims)
            case wire.DType(name):
                import torch

                return _dtype(torch, name)
            case wire.Device(name):
                import torch

                try:
                    return torch.device(name)
                except RuntimeError as error:
                    raise BadMessage(f"no device: {name[:50]!r}") from error
            case wire.Tensor():
                return self._tensor(value)
            case wire.Array():
                return self._array(value)
            case wire.Picture():
                return self._picture(value)

    def _all(self, items: list[Value], depth: int) -> Iterable[Any]:
        self._count(len(items))
        return (self._decode(item, depth + 1) for item in items)

    def _count(self, items: int) -> None:
        self._items += items
        if self._items > wire.MAX_ITEMS:
            raise BadMessage("too many items")
        self._budget.take(items=items)

    def _hashable(self, items: Iterable[Any]) -> list[Any]:
        checked = list(items)
        if len(checked) > wire.MAX_KEYS:
            raise BadMessage("too many keys")
        try:
            hashes = sorted(map(hash, checked))
        except TypeError as error:
            raise BadMessage(str(error)) from error
        # Keys with colliding hashes would cost the judge time that grows with the square of their number.
        step = wire.MAX_EQUAL_HASHES
        if any(one == other for one, other in zip(hashes, hashes[step:], strict=False)):
            raise BadMessage("too many keys with the same hash")
        return checked

    def _tensor(self, value: wire.Tensor) -> Any:
        import torch

        dtype = _dtype(torch, value.dtype)
        _check_size(value.shape, DTYPES[value.dtype], value.data)
        tensor = (
            torch.frombuffer(bytearray(value.data), dtype=dtype)
            if value.data
            else torch.empty(0, dtype=dtype)
        )
        return self._finish(tensor.reshape(value.shape), value)

    def _array(self, value: wire.Array) -> Any:
        import numpy

        if not _NUMPY_DTYPE.fullmatch(value.dtype):
            raise BadMessage(f"a NumPy dtype that does not cross: {value.dtype[:50]!r}")
        try:
            dtype = numpy.dtype(value.dtype)
        except TypeError as error:
            raise BadMessage(f"no NumPy dtype: {value.dtype[:50]!r}") from error
        _check_size(value.shape, dtype.itemsize, value.data)
        array = numpy.frombuffer(value.data, dtype=dtype).reshape(value.shape).copy()
        return array[()] if value.scalar else array

    def _picture(self, value: wire.Picture) -> Any:
        from PIL import Image

        width, height = value.size
        if value.mode not in PICTURE_BANDS or not (0 <= width < 2**20 and 0 <= height < 2**20):
            raise BadMessage("an image of an unknown kind")
        if width * height > wire.MAX_PIXELS:
            raise BadMessage("an image with too many pixels")
        # An image of width 0 has rows, too.
        self._budget.take(data=4 * width * height + 16 * (width + height))
        bands = PICTURE_BANDS[value.mode]
        if len(value.data) != (bands * width * height if bands else (width + 7) // 8 * height):
            raise BadMessage("an image whose number of bytes does not fit its size")
        if not value.data:
            return Image.new(value.mode, (width, height))
        picture = Image.frombytes(value.mode, (width, height), value.data)
        if value.palette is not None and len(value.palette) <= 768:
            picture.putpalette(value.palette)
        return picture


def _dtype(torch: Any, name: str) -> Any:
    if name not in DTYPES:
        raise BadMessage(f"no dtype: {name[:50]!r}")
    return getattr(torch, name)


def _check_size(shape: list[int], itemsize: int, data: bytes) -> None:
    # Checked before anything is allocated: the shape must fit the number of bytes.
    if (
        len(shape) > 32
        or any(not 0 <= dim < 2**40 for dim in shape)
        or math.prod(shape) * itemsize != len(data)
    ):
        raise BadMessage("a tensor whose number of bytes does not fit its shape")
