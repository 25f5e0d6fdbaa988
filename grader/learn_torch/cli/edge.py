"""The edge of the command line: here, and only here, what went wrong becomes a message and an exit code."""

from __future__ import annotations

import contextlib
import gc
import signal
import sys
import traceback
from typing import TYPE_CHECKING, Any

import typer

from learn_torch.cli.commands import Commands
from learn_torch.cli.invocation import Invocation
from learn_torch.cli.terminal import err, lost_output, prepare_streams
from learn_torch.errors import LearnError, in_a_line
from learn_torch.escaping import harmless
from learn_torch.language import _, preferred_language, use_language
from learn_torch.plugins.manager import make_plugin_manager

if TYPE_CHECKING:
    from learn_torch.checking.checking import MakeChecker

_HANG_UP: int | None = getattr(signal, "SIGHUP", None)


def run(arguments: list[str], make_checker: MakeChecker | None = None) -> int:
    """Run `learn` with these arguments, and return its exit code; see `learn_torch.cli.main`."""
    prepare_streams()
    try:
        code = _learn(arguments, make_checker)
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            err().print(_("interrupted"))
        code = 128 + signal.SIGINT
    except Exception as error:
        code = _failed(error)
    return _unless_lost(code)


def _learn(arguments: list[str], make_checker: MakeChecker | None) -> int:
    for number in (signal.SIGTERM, _HANG_UP):
        # `nohup` has a hang-up ignored.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)
    use_language(preferred_language())
    invocation = Invocation(make_plugin_manager(), make_checker)
    try:
        return _parse_and_run(arguments or ["--help"], invocation)
    finally:
        gc.enable()
        invocation.tell_broken()


def _parse_and_run(arguments: list[str], invocation: Invocation) -> int:
    # Not by `Commands.main()`, which has exit code 1, "not passed", for whatever may befall a command.
    misuse: Any = typer.BadParameter.__bases__[0]  # typer exports none of its errors but this one
    group = Commands(invocation.plugins.commands())
    try:
        with group.make_context("learn", arguments, obj=invocation) as context:
            gc.freeze()  # what is loaded stays to the end: it is not looked through again, nor when Python exits
            gc.enable()
            group.invoke(context)
    except typer.Exit as end:
        return int(end.exit_code)
    except misuse as error:
        with contextlib.suppress(OSError):
            error.show()
        return 2
    return 0


def _failed(error: Exception) -> int:
    """Say what has gone wrong, where that can be said, and return its exit code."""
    with contextlib.suppress(OSError):
        if isinstance(error, LearnError):
            report(error)
        elif lost_output() is None:
            sys.stderr.write(harmless("".join(traceback.format_exception(error))))
    return error.exit_code if isinstance(error, LearnError) else 3


def _unless_lost(code: int) -> int:
    """The exit code, or that of an output that nobody gets."""
    reason = lost_output()
    if reason is None:
        return code
    if isinstance(reason, BrokenPipeError):  # `learn list | head`
        return 128 + 13  # SIGPIPE, which not every system has
    with contextlib.suppress(OSError):
        text = _("standard output cannot be written: {reason}").format(reason=in_a_line(reason))
        report(LearnError(text, _("free some space, or write it elsewhere")))
    return 3


def _end(number: int, _frame: object) -> None:
    # By an exception, so that whoever made a folder or started a process cleans up. When a terminal is closed, the
    # kernel and the shell both say so: the second time must not end the cleaning up.
    if _HANG_UP is not None:
        signal.signal(_HANG_UP, signal.SIG_IGN)
    sys.exit(128 + number)


def report(error: LearnError) -> None:
    """Say what is wrong and what to do next, on standard error."""
    from rich.text import Text

    console = err()
    console.print(Text.assemble((_("error: "), "bold red"), harmless(error.message)))
    if error.hint:
        console.print(Text.assemble((_("help: "), "bold"), harmless(error.hint)))
