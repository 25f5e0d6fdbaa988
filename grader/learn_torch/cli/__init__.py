"""The command line: one command a file, which parses, calls the library and prints.

`main` is the edge: here, and only here, what went wrong becomes a message and an exit code.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import site
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from learn_torch import __version__
from learn_torch.cli.terminal import err, lost_output, prepare_streams
from learn_torch.errors import LearnError, PluginError, in_a_line
from learn_torch.escaping import harmless
from learn_torch.language import _, preferred_language, use_language

if TYPE_CHECKING:
    import typer

    from learn_torch.plugins.contributions import Command


_HANG_UP: int | None = getattr(signal, "SIGHUP", None)


def make_app(commands: Mapping[str, Command], asked: str) -> typer.Typer:
    """The command line, with the command of this name ready to run.

    The others are there by name and help alone: looking at the parameters of all of them would take longer than most
    commands do.
    """
    import typer

    app = typer.Typer(
        help=_(
            "Learn PyTorch by doing: write code, `learn check`, understand. (`learn --version` is {version}.)"
        ).format(version=__version__),
        epilog=_("With any command, --course DIR adds a folder of courses to those that are installed."),
        no_args_is_help=True,
        rich_markup_mode="rich" if sys.stdout.isatty() else None,  # plain when piped
        add_completion=False,
        # Our own bugs keep their plain traceback.
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name, command in commands.items():
        function = _function(command) if name == asked else _nothing
        if isinstance(function, typer.Typer):
            app.add_typer(function, name=name, help=command.help)
        else:
            app.command(name, help=command.help)(function)
    return app


def _function(command: Command) -> Any:
    if not isinstance(command.function, str):
        return command.function
    module, _colon, name = command.function.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        if module.startswith("learn_torch."):
            raise
        raise PluginError(f"the command {command.name!r} cannot be loaded: {error}") from error


def _nothing() -> None: ...


def main() -> None:
    """Run `learn` and exit.

    0 passed, 1 not passed, 2 wrong use, 3 a grader broke or learn itself did, 128 + n where signal n ended it.
    """
    prepare_streams()
    try:
        code = _learn(sys.argv[1:])
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            err().print(_("interrupted"))
        code = 128 + signal.SIGINT
    except Exception as error:
        code = _failed(error)
    sys.exit(_unless_lost(code))


def _learn(arguments: list[str]) -> int:
    _leave_the_current_folder_alone()
    for number in (signal.SIGTERM, _HANG_UP):
        # `nohup` has a hang-up ignored.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)
    use_language(preferred_language())
    arguments, courses = _take_courses(arguments)
    if arguments == ["--version"]:
        print(f"learn-torch {__version__}")
        return 0
    return _run(arguments, courses)


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


def _leave_the_current_folder_alone() -> None:
    # A file called `torch.py` or `rich.py` that lies beside the submissions is no library of ours. An empty entry in
    # PYTHONPATH would make it one.
    try:
        here = os.path.realpath(os.curdir)
    except FileNotFoundError:  # it has been deleted, and what begins at it is nowhere
        sys.path[:] = [p for p in sys.path if os.path.isabs(p)]
        return
    sys.path[:] = [p for p in sys.path if p and (os.path.realpath(p) != here or p in site.getsitepackages())]


def _end(number: int, _frame: object) -> None:
    # By an exception, so that whoever made a folder or started a process cleans up. When a terminal is closed, the
    # kernel and the shell both say so: the second time must not end the cleaning up.
    if _HANG_UP is not None:
        signal.signal(_HANG_UP, signal.SIG_IGN)
    sys.exit(128 + number)


def _take_courses(arguments: list[str]) -> tuple[list[str], list[Path]]:
    """The arguments without `--course DIR`, wherever it stands, and its folders: every command heeds it."""
    rest: list[str] = []
    folders: list[Path] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == "--course" or word.startswith("--course="):
            folder = word.partition("=")[2] if "=" in word else next(words, "")
            if not folder:
                raise LearnError(
                    _("--course needs a folder"), _("for example: learn verify --course my-course")
                )
            folders.append(Path(folder))
        else:
            rest.append(word)
    return rest, folders


def _run(arguments: list[str], courses: list[Path]) -> int:
    from learn_torch.cli.place import load_plugins, tell_broken

    plugins = load_plugins(courses)
    commands = plugins.commands()
    try:
        if not _run_at_once(arguments, commands):
            return _parse_and_run(arguments, commands)
    finally:
        tell_broken(plugins)
    return 0


def _run_at_once(arguments: list[str], commands: Mapping[str, Command]) -> bool:
    """Run what needs no parsing, for which typer would first load a validation library (50 ms); whether it was that."""
    match arguments:
        case [] | ["--help" | "-h"]:
            import typer

            group = typer.main.get_command(make_app(commands, ""))
            context = typer.Context(group, info_name="learn", **group.context_settings)
            if text := group.get_help(context):  # on a terminal typer prints it itself
                print(text)
        case [name] if name in commands and commands[name].at_once:
            _function(commands[name])()
        case _:
            return False
    return True


def _parse_and_run(arguments: list[str], commands: Mapping[str, Command]) -> int:
    """Parse and run. Not by `app()`, which has exit code 1 for whatever may befall a command, "not passed"."""
    import typer

    misuse: Any = typer.BadParameter.__bases__[0]  # typer exports none of its errors but this one
    group = typer.main.get_command(make_app(commands, arguments[0]))
    try:
        with group.make_context("learn", arguments) as context:
            group.invoke(context)
    except typer.Exit as end:
        return int(end.exit_code)
    except misuse as error:
        with contextlib.suppress(OSError):
            error.show()
        return 2
    return 0


def report(error: LearnError) -> None:
    """Say what is wrong and what to do next, on standard error."""
    from rich.text import Text

    console = err()
    console.print(Text.assemble((_("error: "), "bold red"), harmless(error.message)))
    if error.hint:
        console.print(Text.assemble((_("help: "), "bold"), harmless(error.hint)))
