"""What the judge asks of a worker, and what the worker answers."""

from __future__ import annotations

from typing import TypeAlias, TypeVar, cast

import msgspec

from learn_torch.sandbox.wire import BadMessage, Tagged, Value

# --- what the judge asks -------------------------------------------------------------------------------------------


class Setup(Tagged, tag="setup"):
    """The first message: how this worker is to be."""

    device: str
    imports: list[str]
    scratch: str
    memory: int
    """Bytes of address space above what the ready worker has; 0 for no limit (a real card maps all it has)."""
    cpu_seconds: int


class Load(Tagged, tag="load"):
    """Import the submission."""

    source: bytes
    file: str


class Import(Tagged, tag="import"):
    """Import a library module and hold it."""

    name: str


class Define(Tagged, tag="define"):
    """Run a self-contained definition and hold what it defines."""

    source: str
    name: str


class Call(Tagged, tag="call"):
    """Call a held object."""

    target: int
    args: list[Value]
    kwargs: dict[str, Value]
    hold: bool


class Operate(Tagged, tag="operate"):
    """A protocol of a held object by name: getattr, getitem, len, iter, next, enter, exit, add, …"""

    operation: str
    target: int
    args: list[Value]


class Fetch(Tagged, tag="fetch"):
    """A held object by value, as far as it can be."""

    target: int


class Put(Tagged, tag="put"):
    """Hold a value."""

    value: Value


class IsInstance(Tagged, tag="isinstance"):
    """Is a held object an instance of the class of this full name?"""

    target: int
    name: str


class Read(Tagged, tag="read"):
    """The bytes of a file that the submission wrote."""

    path: str
    limit: int


Request: TypeAlias = Setup | Load | Import | Define | Call | Operate | Fetch | Put | IsInstance | Read


# --- what the worker answers ---------------------------------------------------------------------------------------


class Answer(Tagged, tag="answer"):
    """It went well, and gave this."""

    value: Value


class Line(Tagged):
    """A line of the submission in a traceback."""

    number: int
    function: str
    text: str


class Raised(Tagged, tag="raised"):
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
