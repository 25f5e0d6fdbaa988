"""The options of `learn` itself."""

from __future__ import annotations

from typing import Annotated

import typer

from learn_torch.language import _


def _show(wanted: bool) -> None:
    if wanted:
        from learn_torch import __version__

        typer.echo(f"learn-torch {__version__}")
        raise typer.Exit


def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show, is_eager=True, help=_("Show the version."))
    ] = False,
) -> None:
    """`learn --version`."""
