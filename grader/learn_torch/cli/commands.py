"""The commands in typer's form: all with name and help, and options only for the command that is called."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from learn_torch import __version__
from learn_torch.cli.invocation import Invocation
from learn_torch.errors import PluginError
from learn_torch.language import _
from learn_torch.plugins.contributions import Command


class _QuietHelp:
    """Gives `--help` a default. Without one, typer loads a validation library (50 ms) even if it was not given."""

    def get_help_option(self, ctx: Any) -> Any:
        """`--help`, with the default False."""
        option = super().get_help_option(ctx)  # type: ignore[misc]  # of typer's class beside this one
        if option is not None:
            option.default = False
        return option


class _Command(_QuietHelp, TyperCommand):
    """A command."""


class Commands(_QuietHelp, TyperGroup):
    """`learn`. Loads the options of a command only when it is called: loading all takes longer than most commands."""

    def __init__(self, contributed: Mapping[str, Command]) -> None:
        super().__init__(
            name="learn",
            help=_("Learn PyTorch by doing: write code, `learn check`, understand."),
            params=_common_options(version=True),
            commands={name: TyperCommand(name, help=command.help) for name, command in contributed.items()},
            rich_markup_mode=_markup(),
            context_settings={"help_option_names": ["-h", "--help"]},
        )
        self._contributed = contributed

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that is called, with its options."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, _whole(self._contributed[name]) if name else command, rest


def _whole(command: Command) -> Any:
    """A command with its options and `--course`."""
    app = typer.Typer(rich_markup_mode=_markup(), add_completion=False)
    function = _function(command)
    if isinstance(function, typer.Typer):
        app.add_typer(function, name=command.name, help=command.help)
    else:
        app.command(command.name, help=command.help, cls=_Command)(function)
    whole = typer.main.get_group(app).commands[command.name]
    for one in (whole, *getattr(whole, "commands", {}).values()):
        one.params += _common_options()
    return whole


def _function(command: Command) -> Any:
    if not isinstance(command.function, str):
        return command.function
    module, _colon, name = command.function.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise PluginError(f"the command {command.name!r} cannot be loaded: {error}") from error


def _common_options(*, version: bool = False) -> list[Any]:
    """`--course`, as every command has it; and `--version`."""
    app = typer.Typer(add_completion=False)
    app.command()(_learn)
    course, *more = typer.main.get_command(app).params
    return [_CourseOption(course), *(more if version else [])]


def _learn(
    course: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help=_("Also use the courses in this folder. May be repeated.")),
    ] = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            expose_value=False,
            callback=lambda asked: _print_version() if asked else None,
            help=_("Print the version and exit."),
        ),
    ] = False,
) -> None: ...


class _CourseOption(TyperOption):
    """`--course`. Typer's own option would load a validation library (50 ms) to turn its values into paths."""

    def __init__(self, made: Any) -> None:
        vars(self).update(vars(made), expose_value=False)

    def process_value(self, ctx: Any, value: Any) -> None:
        """Add the folders."""
        Invocation.of(ctx).add_courses([Path(folder) for folder in value or ()])


def _print_version() -> None:
    print(f"learn-torch {__version__}")
    raise typer.Exit


def _markup() -> Any:
    return "rich" if sys.stdout.isatty() else None  # plain when piped
