"""The values that judge and worker exchange: msgpack, decoded into these structs and nothing else.

A value is None, a bool, int, float or str, or one of the tagged structs below. A value cannot name a class, a function
or an import, so decoding can make nothing but data.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

MAX_FRAME = 64 * 2**20
"""Bytes of one message, in either direction."""
MAX_DEPTH = 48
"""Nesting of a value."""
MAX_ITEMS = 200_000
"""Items of all containers of one value together; a larger value stays in the worker."""
MAX_PIXELS = MAX_FRAME // 4
"""Pixels of an image: Pillow stores each in up to four bytes, even if it takes one bit on the wire."""
MAX_KEYS = 10_000
"""Keys of one dict or set: more keys with chosen hash collisions would cost Python seconds."""
MAX_EQUAL_HASHES = 16
"""Keys of one dict or set with the same hash: more would make a lookup slow."""
MAX_INT_BYTES = 8192
"""Bytes of the largest int that is sent by value."""
DTYPES = {
    "bool": 1, "uint8": 1, "uint16": 2, "uint32": 4, "uint64": 8, "int8": 1, "int16": 2, "int32": 4, "int64": 8,
    "float16": 2, "bfloat16": 2, "float32": 4, "float64": 8, "complex64": 8, "complex128": 16,
}  # fmt: skip
"""The tensor dtypes that are sent by value, with the bytes per element."""
PICTURE_BANDS = {
    "1": 0,
    "L": 1,
    "P": 1,
    "LA": 2,
    "RGB": 3,
    "RGBA": 4,
    "CMYK": 4,
    "YCbCr": 3,
    "HSV": 3,
    "I": 4,
    "F": 4,
}
"""The image modes that are sent by value, with the bytes per pixel; 0 for eight pixels per byte."""
MAX_TEXT = 20_000
"""Characters of an exception's message."""
MAX_FRAMES = 20
"""Lines of a traceback."""
MAX_MRO = 64
"""Classes of an exception's MRO that are reported."""


Items = Annotated[list["Value"], Meta(max_length=2 * MAX_ITEMS)]
Shape = Annotated[list[int], Meta(max_length=32)]
Name = Annotated[str, Meta(max_length=64)]
ClassName = Annotated[str, Meta(max_length=500)]


class BadMessage(Exception):
    """An invalid message: wrong structure, wrong type, nested too deep, too large."""


class Tagged(Struct, array_like=True, forbid_unknown_fields=True):
    """The base of all structs on the wire: an array that begins with its tag."""


class BigInt(Tagged, tag="int"):
    """An int beyond 64 bits: two's complement, little-endian."""

    data: bytes


class Complex(Tagged, tag="complex"):
    """A complex number."""

    real: float
    imag: float


class Bytes(Tagged, tag="bytes"):
    """Bytes."""

    data: bytes


class OddText(Tagged, tag="str"):
    """A str with lone surrogates, which plain UTF-8 cannot encode."""

    data: bytes


class Tuple(Tagged, tag="tuple"):
    """A tuple."""

    items: Items


class List(Tagged, tag="list"):
    """A list."""

    items: Items


class Set(Tagged, tag="set"):
    """A set, or a frozenset."""

    items: Items
    frozen: bool


class Dict(Tagged, tag="dict"):
    """A dict, in order: keys and values alternate."""

    items: Items


class Slice(Tagged, tag="slice"):
    """A slice."""

    start: Value
    stop: Value
    step: Value


class Range(Tagged, tag="range"):
    """A range, at most as long as a list may be."""

    start: int
    stop: int
    step: int


class Path(Tagged, tag="path"):
    """A pathlib path of this system's flavour."""

    text: Annotated[str, Meta(max_length=4096)]


class Size(Tagged, tag="size"):
    """A torch.Size."""

    dims: Annotated[list[int], Meta(max_length=MAX_ITEMS)]


class DType(Tagged, tag="dtype"):
    """A torch.dtype, by name: `float32`."""

    name: Name


class Device(Tagged, tag="device"):
    """A torch.device: `cuda:0`."""

    name: Name


class Tensor(Tagged, tag="tensor"):
    """A dense tensor: contiguous bytes, and the properties that they do not show."""

    dtype: Name
    shape: Shape
    data: bytes
    device: Name
    requires_grad: bool
    parameter: bool


class Array(Tagged, tag="array"):
    """A NumPy array of numbers, in C order; `scalar` for a NumPy scalar."""

    dtype: Name
    shape: Shape
    data: bytes
    scalar: bool


class Picture(Tagged, tag="image"):
    """A PIL image: raw pixels, and the palette of a palette image."""

    mode: Name
    size: tuple[int, int]
    data: bytes
    palette: bytes | None


class Held(Tagged, tag="held"):
    """An object that stays in the worker; `kind` is the full name of its class."""

    id: int
    kind: ClassName


Value: TypeAlias = (
    bool
    | int
    | float
    | str
    | Bytes
    | BigInt
    | Complex
    | OddText
    | Tuple
    | List
    | Set
    | Dict
    | Slice
    | Range
    | Path
    | Size
    | DType
    | Device
    | Tensor
    | Array
    | Picture
    | Held
    | None
)
