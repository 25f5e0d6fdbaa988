"""The judge's requests to a worker, and the worker's replies."""

from __future__ import annotations

from typing import Annotated, TypeAlias, TypeVar, cast

import msgspec
from msgspec import Meta

from learn_torch import wire
from learn_torch.wire.values import BadMessage, ClassName, Tagged, Value

# --- requests ------------------------------------------------------------------------------------------------------


class Setup(Tagged, tag="setup"):
    """The first message: the setup of this worker."""

    device: str
    imports: list[str]
    scratch: str
    """The worker's current folder, which it may write."""
    readable: list[str]
    """Folders that the worker may read."""
    base: str
    """The folder above all sessions' folders."""
    hidden: list[str]
    """Paths that the worker may not read, wherever they are: courses, workspaces."""
    processes: bool
    """The worker may start processes."""
    confined: bool
    memory: int
    """Bytes of address space above what the ready worker has; 0 for no limit (a real card maps all its memory)."""
    cpu_seconds: int
    seed: int | None = None
    """The random seed at the beginning of every check; None for one from the system. With a seed, everything else that
    depends on chance is the same on every machine, too: the order in which folders are listed."""
    could_use: tuple[str, ...] = ()
    """Modules that the submission may use: imported, too; a failed import is ignored."""


class Load(Tagged, tag="load"):
    """Import the submission."""

    source: bytes
    file: str


class Import(Tagged, tag="import"):
    """Import a library module and hold it."""

    name: str


class Define(Tagged, tag="define"):
    """Run a self-contained definition and hold the defined object."""

    source: str
    name: str


class Call(Tagged, tag="call"):
    """Call a held object."""

    target: int
    args: list[Value]
    kwargs: dict[str, Value]
    hold: bool


class Operate(Tagged, tag="operate"):
    """Apply an operation to a held object: getattr, getitem, len, iter, next, enter, exit, add, …"""

    operation: str
    target: int
    args: list[Value]


class Fetch(Tagged, tag="fetch"):
    """Return a held object by value, as far as possible."""

    target: int


class Put(Tagged, tag="put"):
    """Hold a value."""

    value: Value


class IsInstance(Tagged, tag="isinstance"):
    """Is a held object an instance of the class with this full name?"""

    target: int
    name: str


class Seed(Tagged, tag="seed"):
    """Seed every random number generator."""

    seed: int


class Read(Tagged, tag="read"):
    """Return the bytes of a file that the submission wrote."""

    path: str
    limit: int


Request: TypeAlias = Setup | Load | Import | Define | Call | Operate | Fetch | Put | IsInstance | Read | Seed


# --- replies -------------------------------------------------------------------------------------------------------


class Answer(Tagged, tag="answer"):
    """The request succeeded with this value."""

    value: Value


class Line(Tagged):
    """A line of the submission in a traceback."""

    number: int
    function: ClassName
    text: ClassName


class Raised(Tagged, tag="raised"):
    """The request raised: the names in the exception's MRO, its text, and the submission's lines in the traceback."""

    mro: Annotated[list[ClassName], Meta(max_length=wire.MAX_MRO)]
    message: Annotated[str, Meta(max_length=wire.MAX_TEXT)]
    lines: Annotated[list[Line], Meta(max_length=wire.MAX_FRAMES)]
    column: int = 0
    """For a SyntaxError, the column of the caret, from 1; else 0."""


Reply: TypeAlias = Answer | Raised

# --- coding --------------------------------------------------------------------------------------------------------

_encoder = msgspec.msgpack.Encoder()
_requests = cast("msgspec.msgpack.Decoder[Request]", msgspec.msgpack.Decoder(Request))
_replies = cast("msgspec.msgpack.Decoder[Reply]", msgspec.msgpack.Decoder(Reply))

Message = TypeVar("Message")


def encode(message: Request | Reply) -> bytes:
    """The bytes of a message."""
    return _encoder.encode(message)


def decode_request(data: bytes) -> Request:
    """A request from its bytes. Raises BadMessage."""
    return _decode(_requests, data)


def decode_reply(data: bytes) -> Reply:
    """A reply from its bytes. The cost of decoding is bounded, whatever the bytes are. Raises BadMessage."""
    if len(data) <= _AT_ONCE:
        return _decode(_replies, data)
    outline = _decode(_outlines, data)
    return Answer(_Unpacking().unpack(outline.value)) if isinstance(outline, _AnswerOutline) else outline


# A byte of a message can become a hundred bytes of Python objects. So a large message is unpacked container by
# container, and each container is counted first. A message that is mostly a tensor's bytes has little to count.
_AT_ONCE = 2**20
_Raws = Annotated[list[msgspec.Raw], Meta(max_length=2 * wire.MAX_ITEMS)]


class _AnswerOutline(Tagged, tag="answer"):
    value: msgspec.Raw


class _TupleOutline(Tagged, tag="tuple"):
    items: _Raws


class _ListOutline(Tagged, tag="list"):
    items: _Raws


class _SetOutline(Tagged, tag="set"):
    items: _Raws
    frozen: bool


class _DictOutline(Tagged, tag="dict"):
    items: _Raws


class _SliceOutline(Tagged, tag="slice"):
    start: msgspec.Raw
    stop: msgspec.Raw
    step: msgspec.Raw


_Outline = (
    bool | int | float | str | wire.Bytes | wire.BigInt | wire.Complex | wire.OddText | _TupleOutline | _ListOutline
    | _SetOutline | _DictOutline | _SliceOutline | wire.Range | wire.Path | wire.Size | wire.DType | wire.Device
    | wire.Tensor | wire.Array | wire.Picture | wire.Held | None
)  # fmt: skip
_outlines = cast(
    "msgspec.msgpack.Decoder[_AnswerOutline | Raised]", msgspec.msgpack.Decoder(_AnswerOutline | Raised)
)
_parts = cast("msgspec.msgpack.Decoder[_Outline]", msgspec.msgpack.Decoder(_Outline))


class _Unpacking:
    def __init__(self) -> None:
        self._items = 0

    def unpack(self, raw: msgspec.Raw, depth: int = 0) -> Value:
        if depth > wire.MAX_DEPTH:
            raise BadMessage("a value nested too deep")
        match _decode(_parts, raw):
            case _TupleOutline(items):
                return wire.Tuple(self._all(items, depth))
            case _ListOutline(items):
                return wire.List(self._all(items, depth))
            case _SetOutline(items, frozen):
                return wire.Set(self._all(items, depth), frozen)
            case _DictOutline(items):
                return wire.Dict(self._all(items, depth))
            case _SliceOutline(start, stop, step):
                return wire.Slice(*self._all([start, stop, step], depth))
            case part:
                return part

    def _all(self, raws: list[msgspec.Raw], depth: int) -> list[Value]:
        self._items += len(raws)
        if self._items > 2 * wire.MAX_ITEMS:
            raise BadMessage("too many items")
        return [self.unpack(raw, depth + 1) for raw in raws]


def _decode(decoder: msgspec.msgpack.Decoder[Message], data: bytes | msgspec.Raw) -> Message:
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, OverflowError, MemoryError) as error:
        raise BadMessage(f"{type(error).__name__}: {error}") from error
