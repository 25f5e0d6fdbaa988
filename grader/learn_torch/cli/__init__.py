"""The command line: one command a file, which parses, calls the library and prints.

`main` is the edge: here, and only here, a `LearnError` becomes a message and an exit code.
"""

from __future__ import annotations

import importlib
import os
import signal
import site
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from learn_torch import __version__
from learn_torch.cli.terminal import err, prepare_streams
from learn_torch.errors import LearnError, PluginError
from learn_torch.language import _, preferred_language, use_language

if TYPE_CHECKING:
    import typer

    from learn_torch.contributions import Command


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
    """Run `learn` and exit: 0 passed, 1 not passed, 2 wrong use, 3 a grader broke, 130 interrupted."""
    _leave_the_current_folder_alone()
    prepare_streams()
    signal.signal(signal.SIGTERM, _end)
    use_language(preferred_language())
    try:
        arguments, courses = _take_courses(sys.argv[1:])
        if arguments == ["--version"]:
            print(f"learn-torch {__version__}")
        else:
            _run(arguments, courses)
    except LearnError as error:
        report(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        err().print(_("interrupted"))
        sys.exit(130)
    except BrokenPipeError:  # `learn list | head`
        sys.stderr.close()
        sys.exit(1)


def _leave_the_current_folder_alone() -> None:
    # A file called `torch.py` or `rich.py` that lies beside the submissions is no library of ours. An empty entry in
    # PYTHONPATH would make it one.
    here = os.path.realpath(os.curdir)
    sys.path[:] = [p for p in sys.path if p and (os.path.realpath(p) != here or p in site.getsitepackages())]


def _end(_signal: int, _frame: object) -> None:
    # By an exception, so that whoever made a folder or started a process cleans up.
    sys.exit(143)


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


def _run(arguments: list[str], courses: list[Path]) -> None:
    from learn_torch.cli.place import load_plugins, tell_broken

    plugins = load_plugins(courses)
    commands = plugins.commands()
    try:
        if not _run_at_once(arguments, commands):
            make_app(commands, next(iter(arguments), ""))(arguments, prog_name="learn")
    finally:
        tell_broken(plugins)


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


def report(error: LearnError) -> None:
    """Say what is wrong and what to do next, on standard error."""
    from rich.text import Text

    from learn_torch.sandbox.describe import harmless  # a file may be called anything

    console = err()
    console.print(Text.assemble((_("error: "), "bold red"), harmless(error.message)))
    if error.hint:
        console.print(Text.assemble((_("help: "), "bold"), harmless(error.hint)))
