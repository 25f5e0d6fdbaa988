"""What crosses between judge and worker: msgpack, decoded into these structs and nothing else.

A value is None, a bool, int, float or str as it is, or one of the tagged structs below. There is no way to
name a class, a function or an import in a value, so decoding can build nothing but data.
"""

from __future__ import annotations

from typing import TypeAlias, TypeVar, cast

import msgspec
from msgspec import Struct

MAX_FRAME = 64 * 2**20
"""Bytes of one message, either way."""
MAX_DEPTH = 48
"""Nesting of a value."""
MAX_ITEMS = 2_000_000
"""Items of all containers of one value together."""
MAX_INT_BYTES = 8192
"""Bytes of the largest int that crosses."""
DTYPES = {
    "bool": 1, "uint8": 1, "uint16": 2, "uint32": 4, "uint64": 8, "int8": 1, "int16": 2, "int32": 4, "int64": 8,
    "float16": 2, "bfloat16": 2, "float32": 4, "float64": 8, "complex64": 8, "complex128": 16,
}  # fmt: skip
"""Bytes an element of the tensor dtypes that cross."""
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
"""Bytes a pixel of the picture modes that cross; 0 for eight pixels a byte."""
MAX_TEXT = 20_000
"""Characters of an exception's message."""
MAX_FRAMES = 20
"""Lines of a traceback."""


class _Tagged(Struct, array_like=True, forbid_unknown_fields=True):
    pass


class BigInt(_Tagged, tag="int"):
    """An int beyond 64 bits: two's complement, little-endian."""

    data: bytes


class Complex(_Tagged, tag="complex"):
    """A complex number."""

    real: float
    imag: float


class Bytes(_Tagged, tag="bytes"):
    """Bytes."""

    data: bytes


class OddText(_Tagged, tag="str"):
    """A str with lone surrogates, which UTF-8 proper cannot carry."""

    data: bytes


class Tuple(_Tagged, tag="tuple"):
    """A tuple."""

    items: list[Value]


class List(_Tagged, tag="list"):
    """A list."""

    items: list[Value]


class Set(_Tagged, tag="set"):
    """A set, or a frozenset."""

    items: list[Value]
    frozen: bool


class Dict(_Tagged, tag="dict"):
    """A dict, in order: keys and values by turns."""

    items: list[Value]


class Slice(_Tagged, tag="slice"):
    """A slice."""

    start: Value
    stop: Value
    step: Value


class Range(_Tagged, tag="range"):
    """A range."""

    start: int
    stop: int
    step: int


class Path(_Tagged, tag="path"):
    """A pathlib path of this system's flavour."""

    text: str


class Size(_Tagged, tag="size"):
    """A torch.Size."""

    dims: list[int]


class DType(_Tagged, tag="dtype"):
    """A torch.dtype, by name: `float32`."""

    name: str


class Device(_Tagged, tag="device"):
    """A torch.device: `cuda:0`."""

    name: str


class Tensor(_Tagged, tag="tensor"):
    """A dense tensor: contiguous bytes, and beside them what they do not say."""

    dtype: str
    shape: list[int]
    data: bytes
    device: str
    requires_grad: bool
    parameter: bool


class Array(_Tagged, tag="array"):
    """A NumPy array of numbers, in C order; `scalar` for a NumPy scalar."""

    dtype: str
    shape: list[int]
    data: bytes
    scalar: bool


class Picture(_Tagged, tag="image"):
    """A PIL image: raw pixels, and the palette of a palette image."""

    mode: str
    size: tuple[int, int]
    data: bytes
    palette: bytes | None


class Held(_Tagged, tag="held"):
    """Something that stays in the worker; `kind` is its class's full name."""

    id: int
    kind: str


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


# --- what the judge asks -------------------------------------------------------------------------------------------


class Setup(_Tagged, tag="setup"):
    """The first message: how this worker is to be."""

    device: str
    imports: list[str]
    scratch: str
    memory: int
    """Bytes of address space above what the ready worker has; 0 for no limit (a real card maps all it has)."""
    cpu_seconds: int


class Load(_Tagged, tag="load"):
    """Import the submission."""

    source: bytes
    file: str


class Import(_Tagged, tag="import"):
    """Import a library module and hold it."""

    name: str


class Define(_Tagged, tag="define"):
    """Run a self-contained definition and hold what it defines."""

    source: str
    name: str


class Call(_Tagged, tag="call"):
    """Call a held object."""

    target: int
    args: list[Value]
    kwargs: dict[str, Value]
    hold: bool


class Operate(_Tagged, tag="operate"):
    """A protocol of a held object by name: getattr, getitem, len, iter, next, enter, exit, add, …"""

    operation: str
    target: int
    args: list[Value]


class Fetch(_Tagged, tag="fetch"):
    """A held object by value, as far as it can be."""

    target: int


class Put(_Tagged, tag="put"):
    """Hold a value."""

    value: Value


class IsInstance(_Tagged, tag="isinstance"):
    """Is a held object an instance of the class of this full name?"""

    target: int
    name: str


class Read(_Tagged, tag="read"):
    """The bytes of a file that the submission wrote."""

    path: str
    limit: int


class Release(_Tagged, tag="release"):
    """Forget held objects. Answered like everything else."""

    ids: list[int]


Request: TypeAlias = (
    Setup | Load | Import | Define | Call | Operate | Fetch | Put | IsInstance | Read | Release
)


# --- what the worker answers ---------------------------------------------------------------------------------------


class Answer(_Tagged, tag="answer"):
    """It went well, and gave this."""

    value: Value


class Line(_Tagged):
    """A line of the submission in a traceback."""

    number: int
    function: str
    text: str


class Raised(_Tagged, tag="raised"):
    """It raised: the names of the exception's classes, nearest first, its text, and the submission's own lines."""

    mro: list[str]
    message: str
    lines: list[Line]
    column: int = 0
    """For a SyntaxError: where the caret goes, from 1; else 0."""


Reply: TypeAlias = Answer | Raised

# --- coding --------------------------------------------------------------------------------------------------------

_encoder = msgspec.msgpack.Encoder()
_requests = cast("msgspec.msgpack.Decoder[Request]", msgspec.msgpack.Decoder(Request))
_replies = cast("msgspec.msgpack.Decoder[Reply]", msgspec.msgpack.Decoder(Reply))

Message = TypeVar("Message")


class BadMessage(Exception):
    """A message that is no message: wrong shape, wrong type, too deep, too large."""


def encode(message: Request | Reply) -> bytes:
    """The bytes of a message."""
    return _encoder.encode(message)


def decode_request(data: bytes) -> Request:
    """A request from its bytes. Raises BadMessage."""
    return _decode(_requests, data)


def decode_reply(data: bytes) -> Reply:
    """A reply from its bytes. Raises BadMessage."""
    return _decode(_replies, data)


def _decode(decoder: msgspec.msgpack.Decoder[Message], data: bytes) -> Message:
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, OverflowError) as error:
        raise BadMessage(f"{type(error).__name__}: {error}") from error
