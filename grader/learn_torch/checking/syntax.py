"""Whether a submission is valid Python, without an engine.

A process of its own finds out: source can be written so that it crashes a parser or keeps it busy for ever. It only
compiles and runs nothing of the submission. What it cannot tell, the worker will.
"""

from __future__ import annotations

import subprocess
import sys

import msgspec
from msgspec import Struct

from learn_torch import wire
from learn_torch.session.faults import RemoteError, remote_error
from learn_torch.wire import messages
from learn_torch.worker.source import lines_of

_LARGEST = 2**17
"""Bytes. Larger files are left to the worker: only then does compiling take noticeable time."""
_PATIENCE = 5.0
"""Seconds of wall time."""
_MEMORY = 2**29
_CHILD = f"""
import json, sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (2, 2))
    resource.setrlimit(resource.RLIMIT_AS, ({_MEMORY}, {_MEMORY}))
except (ImportError, OSError, ValueError):
    pass  # not on every system
try:
    compile(sys.stdin.buffer.read(), "<submission>", "exec", dont_inherit=True)
except SyntaxError as error:
    mro = ["builtins." + kind.__qualname__ for kind in type(error).__mro__[:-1]]
    found = dict(mro=mro, message=str(error.msg), placed=error.filename is not None, line=error.lineno or 0)
    found |= dict(column=error.offset or 0, text=error.text or "")
    print(json.dumps(found))
"""


class _Found(Struct):
    mro: list[str]
    message: str
    placed: bool
    line: int
    column: int
    text: str


def syntax_error(source: bytes) -> RemoteError | None:
    """The error with which `source` cannot be compiled, as a worker would report it.

    None if it can be compiled, or if only a worker can tell.
    """
    if len(source) > _LARGEST or not sys.executable:
        return None
    command = [sys.executable, "-I", "-S", "-W", "ignore", "-c", _CHILD]
    try:
        done = subprocess.run(command, input=source, capture_output=True, timeout=_PATIENCE, check=False)
        found = msgspec.json.decode(done.stdout, type=_Found) if not done.returncode and done.stdout else None
    except (OSError, subprocess.TimeoutExpired, msgspec.DecodeError):
        return None
    if found is None:
        return None
    lines, column = [], 0
    if found.placed:
        text = (found.text or _line(source, found.line)).rstrip("\n").expandtabs(1)
        lines = [messages.Line(found.line, "", text[:500])]
        column = min(max(found.column, 0), 500)
    message = found.message.encode("utf-8", "replace").decode()[: wire.MAX_TEXT]
    return remote_error(messages.Raised(found.mro, message, lines, column))


def _line(source: bytes, number: int) -> str:
    # Errors of the compiler, such as `return` outside of a function, come without the line's text.
    lines = lines_of(source)
    return lines[number - 1] if 0 < number <= len(lines) else ""
