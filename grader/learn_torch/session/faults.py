"""Exceptions for what can go wrong with a submission, from the judge's view."""

from __future__ import annotations

import builtins
from typing import Any, cast

from learn_torch.escaping import printable
from learn_torch.wire import messages


class SubmissionFault(Exception):
    """The submission raised, exited, hung or sent an invalid answer. The current check fails."""


class WorkerLost(SubmissionFault):
    """The worker exited, did not answer in time, or broke the protocol of the channel."""

    def __init__(self, kind: str, seconds: float = 0.0, detail: str = "", *, busy: bool = False) -> None:
        super().__init__(f"{kind} {detail}".strip())
        self.kind = kind
        """`ended`, `time`, `no time left`, `garbage`, or the limit that was exceeded: `memory`, `threads`, `disk`,
        `files`, `answers`."""
        self.seconds = seconds
        self.detail = detail
        self.busy = busy
        """Whether other processes used the processor most of the time."""


class BrokenWorker(Exception):
    """No worker could be made ready. The submission is not the cause."""


class NotIsolated(BrokenWorker):
    """The worker is not fully isolated as required. It has not seen the submission. The text says what is missing."""


class RemoteError(SubmissionFault):
    """An exception that was raised in the worker; also an instance of its nearest built-in exception class.

    `kind` is the short name of its class. `lines` are the submission's lines in its traceback, outermost first.
    """

    # Not `name`: when an AttributeError leaves `__getattr__`, Python writes the attribute's name there.
    kind = "Exception"
    message = ""
    lines: tuple[messages.Line, ...] = ()
    column = 0
    mro: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}" if self.message else self.kind


class ImportFailed(SubmissionFault):
    """The submission raised while it was imported. This is never the exception that a check expects."""

    def __init__(self, error: RemoteError) -> None:
        super().__init__(str(error))
        self.error = error


class MissingName(SubmissionFault):
    """The submission does not define this name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class HandleError(Exception):
    """An operation that needs a value was tried on a handle. This is never the exception that a check expects."""


def remote_error(raised: messages.Raised) -> RemoteError:
    """The local exception for an exception in the worker."""
    error = next((made for name in raised.mro if (made := _as_builtin(name)) is not None), RemoteError())
    error.kind = printable(raised.mro[0].rpartition(".")[2]) if raised.mro else "Exception"
    error.message, error.lines, error.mro = raised.message, tuple(raised.lines), tuple(raised.mro)
    error.column = raised.column
    return error


def _as_builtin(name: str) -> RemoteError | None:
    """A RemoteError that is also the built-in exception of this full name; None if there is no such exception."""
    module, _dot, short = name.rpartition(".")
    kind = getattr(builtins, short, None) if module == "builtins" else None
    # A BaseException would end the judge, not only the check.
    if not isinstance(kind, type) or not issubclass(kind, Exception) or kind is Exception:
        return None
    try:
        made: Any = type("RemoteError", (RemoteError, kind), {})
        return cast("RemoteError", made.__new__(made))
    except TypeError:  # MemoryError cannot be a second base; a group cannot be made without members
        return None
