"""The edge of the command line: the only place where errors become messages and exit codes."""

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
        # `nohup` ignores SIGHUP: keep it so.
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
    # Not `Commands.main()`: it exits with 1, "not passed", on any error.
    misuse: Any = typer.BadParameter.__bases__[0]  # typer exports no other error class
    group = Commands(invocation.plugins.commands())
    try:
        with group.make_context("learn", arguments, obj=invocation) as context:
            gc.freeze()  # loaded modules stay to the end: no collection has to look through them, not even at exit
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
    """Print the error, if possible, and return its exit code."""
    with contextlib.suppress(OSError):
        if isinstance(error, LearnError):
            report(error)
        elif lost_output() is None:
            sys.stderr.write(harmless("".join(traceback.format_exception(error))))
    return error.exit_code if isinstance(error, LearnError) else 3


def _unless_lost(code: int) -> int:
    """The exit code, or the one for output that could not be written."""
    reason = lost_output()
    if reason is None:
        return code
    if isinstance(reason, BrokenPipeError):  # `learn list | head`
        return 128 + 13  # SIGPIPE, which not every system has
    with contextlib.suppress(OSError):
        text = _("standard output cannot be written: {reason}").format(reason=in_a_line(reason))
        report(LearnError(text, _("free some space, or write the output elsewhere")))
    return 3


def _end(number: int, _frame: object) -> None:
    # Raises an exception, so that folders and processes are cleaned up. When a terminal closes, the kernel and the
    # shell both send SIGHUP: the second one must not interrupt the clean-up.
    if _HANG_UP is not None:
        signal.signal(_HANG_UP, signal.SIG_IGN)
    sys.exit(128 + number)


def report(error: LearnError) -> None:
    """Print what is wrong and what to do next on standard error."""
    from rich.text import Text

    console = err()
    console.print(Text.assemble((_("error: "), "bold red"), harmless(error.message)))
    if error.hint:
        console.print(Text.assemble((_("help: "), "bold"), harmless(error.hint)))
