"""The command line: one command a file, which parses, calls the library and prints.

`main` is the edge: here, and only here, a `LearnError` becomes a message and an exit code.
"""

from __future__ import annotations

import importlib
import os
import signal
import site
import sys
from collections.abc import Callable, Container
from typing import TYPE_CHECKING, NamedTuple

from learn_torch import __version__
from learn_torch.cli.terminal import err, prepare_streams
from learn_torch.errors import LearnError
from learn_torch.language import _, preferred_language, use_language

if TYPE_CHECKING:
    import typer


class Command(NamedTuple):
    """A command: where its function is, and its line in `learn --help`."""

    function: str
    help: str


def commands() -> dict[str, Command]:
    """Every command, in the order of `learn --help`."""
    return {
        "init": Command("init:init", _("Make a workspace: a folder with every exercise's stub.")),
        "list": Command("list_:list_exercises", _("List the exercises and how far you are.")),
        "show": Command("show:show", _("Show an exercise's statement.")),
        "hint": Command("hint:hint", _("Show an exercise's hints, from a nudge to nearly the answer.")),
        "next": Command("next_:next_exercise", _("Show the next exercise that you have not passed.")),
        "check": Command("check:check", _("Check your code: the named exercises, or the next one.")),
        "reset": Command("reset:reset", _("Put an exercise's stub back; your file is kept as a backup.")),
        "run-solution": Command(
            "run_solution:run_solution", _("Run an exercise's reference solution for real.")
        ),
        "plugins": Command("plugins:plugins", _("List the plugins and what they bring.")),
        "doctor": Command("doctor:doctor", _("Look whether everything here fits together.")),
    }


def make_app(asked: Container[str]) -> typer.Typer:
    """The command line, with the commands of these names ready to run.

    The others are there by name and help alone: looking at the parameters of all of them would take longer than most
    commands do.
    """
    import typer

    app = typer.Typer(
        help=_(
            "Learn PyTorch by doing: write code, `learn check`, understand. (`learn --version` is {version}.)"
        ).format(version=__version__),
        no_args_is_help=True,
        rich_markup_mode="rich" if sys.stdout.isatty() else None,  # plain when piped
        add_completion=False,
        # Our own bugs keep their plain traceback.
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name, command in commands().items():
        app.command(name, help=command.help)(_function(command.function) if name in asked else _nothing)
    return app


def _function(place: str) -> Callable[..., None]:
    module, _colon, name = place.partition(":")
    function: Callable[..., None] = getattr(importlib.import_module(f"learn_torch.cli.{module}"), name)
    return function


def _nothing() -> None: ...


def main() -> None:
    """Run `learn` and exit: 0 passed, 1 not passed, 2 wrong use, 3 a grader broke, 130 interrupted."""
    _leave_the_current_folder_alone()
    prepare_streams()
    signal.signal(signal.SIGTERM, _end)
    use_language(preferred_language())
    arguments = sys.argv[1:]
    try:
        if not _run_at_once(arguments):
            make_app(arguments)()
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


def _run_at_once(arguments: list[str]) -> bool:
    """Run what needs no parsing, for which typer would first load a validation library (50 ms); whether it was that."""
    match arguments:
        case ["--version"]:
            print(f"learn-torch {__version__}")
        case [] | ["--help" | "-h"]:
            import typer

            group = typer.main.get_command(make_app(()))
            context = typer.Context(group, info_name="learn", **group.context_settings)
            if text := group.get_help(context):  # on a terminal typer prints it itself
                print(text)
        case [("list" | "next" | "plugins") as name]:
            _function(commands()[name].function)()
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
