"""Traces: a submission's answers in a check, small enough to be stored and compared.

A trace is plain JSON. Two submissions that do the same have the same trace for the same random seed, however they are
written. It holds the kind, the size and some numbers of each value, and the class and text of each exception.
"""

from __future__ import annotations

import builtins
import hashlib
import math
import os
import re
from collections import deque
from typing import Any

from msgspec import Struct

from learn_torch import wire
from learn_torch.session.faults import WorkerLost
from learn_torch.wire import messages

FORMAT = 3
"""Increase this when the same replies give different traces."""
_KEPT = 16
"""How many replies of a test are kept: the last ones, because those before were as expected."""
_NUMBERS = 12
"""How many numbers of a tensor are kept, and how many items of a container."""
_VALUES = 2000
"""How many values of a reply are kept: nested containers have many."""


class TestTrace(Struct, array_like=True, frozen=True):
    """The answers in one test that failed.

    Args:
        replies: how many there were.
        last: the last of them.
        names: the names that the submission was asked for, such as its functions.
    """

    replies: int
    last: list[Any]
    names: list[str]


CheckTrace = dict[str, TestTrace | None]
"""The tests of one check, by pytest's names; None for a test that passed."""


class Shown(Struct, array_like=True, frozen=True):
    """What the submission could see in a test.

    Args:
        files: names of the given files and folders, below the folder that was made for this test.
        asked: a digest of all requests to the worker.
    """

    files: list[str]
    asked: str


class Recorder:
    """Records the requests and replies of a session.

    Args:
        given: the folder in which the grader makes folders of given files.
        scratch: the folder in which the submission works.
    """

    def __init__(self, given: str, scratch: str) -> None:
        # Both paths change with every session. Without them, texts can be compared.
        temporary = rf"{re.escape(given)}(?:[/\\\\]\w+)?|{re.escape(scratch)}"
        self._temporary, self._temporary_bytes = re.compile(temporary), re.compile(temporary.encode())
        self._given = given
        self._module, self._room = 0, 0
        self.begin()

    def begin(self) -> None:
        """Forget what was answered before."""
        self._count = 0
        self._last: deque[Any] = deque(maxlen=_KEPT)
        self._names: set[str] = set()
        self._asked = hashlib.sha256()
        self._folders_before = _entries(self._given)

    def note(self, request: messages.Request, reply: messages.Reply | WorkerLost) -> None:
        """Record a reply, except that the worker is ready or the submission imported."""
        match request, reply:
            case messages.Setup(), messages.Answer():
                return
            case messages.Load(), messages.Answer(value):
                self._module = value.id if isinstance(value, wire.Held) else 0
                return
            case messages.Operate("getattr", self._module, [str(name)]), _:
                self._names.add(name)
        self._count += 1
        # A definition is the grader's own code; only its neutral names change.
        if not isinstance(request, messages.Define):
            self._asked.update(self._temporary_bytes.sub(b"", messages.encode(request)))
        self._last.append([_asked(request), self._reply(request, reply)])

    def trace(self) -> TestTrace:
        """The answers since `begin`."""
        return TestTrace(self._count, list(self._last), sorted(self._names))

    def shown(self) -> Shown:
        """What the submission could see since `begin`."""
        files: list[str] = []
        for folder in _entries(self._given) - self._folders_before:
            root = os.path.join(self._given, folder)
            for place, folders, names in os.walk(root):
                paths = [os.path.relpath(os.path.join(place, name), root) for name in (*folders, *names)]
                files += [path.encode("utf-8", "backslashreplace").decode() for path in paths]
        return Shown(sorted(files), self._asked.hexdigest()[:16])

    def _reply(self, request: messages.Request, reply: messages.Reply | WorkerLost) -> list[Any]:
        match reply:
            case messages.Answer(wire.Bytes(data)) if isinstance(request, messages.Read):
                return ["answered", ["file", len(data)]]  # many files contain the time
            case messages.Answer(value):
                self._room = _VALUES
                return ["answered", self._print(value, 0)]
            case messages.Raised(mro, message, lines):
                kind = mro[0] if mro else ""
                if lines and lines[-1].text.lstrip().startswith("raise"):
                    return ["refused", kind]  # raised by the submission itself, with its own text
                return ["raised", kind, _text_of(message)]
            case WorkerLost():
                return ["lost", reply.kind]

    def _print(self, value: wire.Value, depth: int) -> Any:
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, float):
            return _number(value)
        if isinstance(value, str):
            text = self._temporary.sub("…", value)
            # In the traces of known mistakes, ["*"] stands for anything.
            return text if len(text) <= 80 and text != "*" else ["text", len(text), _digest(text.encode())]
        tag = type(value).__name__.lower()
        match value:
            case wire.Tensor(dtype, shape, data, device, requires_grad, parameter):
                return [tag, dtype, shape, device, requires_grad, parameter, _some_numbers(dtype, data)]
            case wire.Array(dtype, shape, data, scalar):
                return [tag, dtype, shape, scalar, _some_numbers(dtype, data, numpy=True)]
            case wire.Tuple(items) | wire.List(items) | wire.Dict(items) | wire.Set(items):
                if depth > 4 or self._room <= 0:
                    return [tag, len(items)]
                self._room -= min(len(items), _NUMBERS)
                # A set has no order.
                kept = sorted(items, key=repr) if tag == "set" else items
                return [tag, len(items), [self._print(item, depth + 1) for item in kept[:_NUMBERS]]]
            case wire.Picture(mode, size, data):
                return [tag, mode, list(size), _digest(data)]
            case wire.Held(_id, kind):
                return [tag, kind]
            case wire.Bytes(data) | wire.BigInt(data) | wire.OddText(data):
                return [tag, len(data), _digest(data)]
            case wire.Complex(real, imag):
                return [tag, _number(real), _number(imag)]
            case wire.Path(text):
                return [tag, self._temporary.sub("…", text)]
        return [tag, repr(value)[:200]]


def _entries(folder: str) -> set[str]:
    return set(os.listdir(folder)) if os.path.isdir(folder) else set()


def _asked(request: messages.Request) -> str:
    match request:
        case messages.Operate(operation, _target, [str(name)]):
            return f"{operation} {name[:80]}"
        case messages.Operate(operation):
            return operation
    return type(request).__name__.lower()


_LACKS = re.compile(r"'(\w+)' object has no attribute '\w+'")


def _text_of(message: str) -> str:
    # Names depend on the learner, addresses on the run. What a built-in type lacks is a name of Python's or torch's.
    lacks = _LACKS.match(message)
    if lacks and (hasattr(builtins, lacks[1]) or lacks[1] in ("NoneType", "Tensor", "Image")):
        return message[:200]
    text = re.sub(r"'[^']*'|`[^`]*`|0x[0-9a-f]+", "…", message)
    return re.sub(r"^[\w.<>]+\(\)", "…()", text)[:200]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _number(value: float) -> Any:
    return float(f"{value:.6g}") if math.isfinite(value) else ["float", str(value)]


def _plain_number(value: bool | int | float | complex) -> Any:
    if isinstance(value, complex):
        return [_number(value.real), _number(value.imag)]
    return _number(value) if isinstance(value, float) else value


def _some_numbers(dtype: str, data: bytes, *, numpy: bool = False) -> list[Any]:
    if not data:
        return []
    numbers: Any
    if numpy:
        import numpy as np

        numbers = np.frombuffer(data, dtype)
        if numbers.dtype.kind in "fc":  # NumPy has longer floats than Python
            numbers = numbers.astype(np.complex128 if numbers.dtype.kind == "c" else np.float64)
    else:
        import torch

        numbers = torch.frombuffer(bytearray(data), dtype=getattr(torch, dtype))
    step = max(1, -(-len(numbers) // _NUMBERS))
    found = numbers[::step].tolist()
    return [_plain_number(number) for number in found]
