"""What can go wrong with a submission, as the judge sees it."""

from __future__ import annotations

import builtins
from typing import Any, cast

from learn_torch.wire import messages


class SubmissionFault(Exception):
    """The submission did not answer as it should: it raised, died, hung or babbled. Fails the check it happens in."""


class WorkerLost(SubmissionFault):
    """The worker ended, did not answer in time, or broke the rules of the channel."""

    def __init__(self, kind: str, seconds: float = 0.0, detail: str = "", *, busy: bool = False) -> None:
        super().__init__(f"{kind} {detail}".strip())
        self.kind = kind
        """`ended`, `time`, `no time left`, `garbage`, or what was overused: `memory`, `threads`, `disk`, `files`,
        `answers`."""
        self.seconds = seconds
        self.detail = detail
        self.busy = busy
        """Whether others used the processor most of the time."""


class BrokenWorker(Exception):
    """No worker could be made ready: nothing that the submission did."""


class NotIsolated(BrokenWorker):
    """The worker is not as well confined as was asked for; it has not seen the submission. Says what is missing."""


class RemoteError(SubmissionFault):
    """An exception of the worker's, as a local one: also an instance of the built-in class nearest to it.

    `name` is its class's short name, `lines` are the submission's lines that it went through, outermost first.
    """

    name = "Exception"
    message = ""
    lines: tuple[messages.Line, ...] = ()
    column = 0
    mro: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name


class ImportFailed(SubmissionFault):
    """The submission raised while it was imported. This is never the exception that a check waits for."""

    def __init__(self, error: RemoteError) -> None:
        super().__init__(str(error))
        self.error = error


class MissingName(SubmissionFault):
    """The submission defines no such name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class HandleError(Exception):
    """Something was asked of a handle that only a value can answer. Never the exception that a check waits for."""


def remote_error(raised: messages.Raised) -> RemoteError:
    """The local exception for one that was raised in the worker."""
    error = next((made for name in raised.mro if (made := _as_builtin(name)) is not None), RemoteError())
    error.name = raised.mro[0].rpartition(".")[2] if raised.mro else "Exception"
    error.message, error.lines, error.mro = raised.message, tuple(raised.lines), tuple(raised.mro)
    error.column = raised.column
    return error


def _as_builtin(name: str) -> RemoteError | None:
    """A RemoteError that is also a built-in exception of this full name, if there is such a one."""
    module, _dot, short = name.rpartition(".")
    kind = getattr(builtins, short, None) if module == "builtins" else None
    # A BaseException would end the judge rather than the check.
    if not isinstance(kind, type) or not issubclass(kind, Exception) or kind is Exception:
        return None
    try:
        made: Any = type("RemoteError", (RemoteError, kind), {})
        return cast("RemoteError", made.__new__(made))
    except TypeError:  # a few cannot be mixed in (MemoryError), or not be made without members (groups)
        return None
