"""`learn reset`."""

from __future__ import annotations

from typing import Annotated

import typer

from learn_torch.cli.place import Place
from learn_torch.cli.terminal import say
from learn_torch.language import _
from learn_torch.plugins.contributions import Command


def command() -> Command:
    """`learn reset`."""
    return Command("reset", reset, _("Restore an exercise's stub; your file is kept as a backup."))


def reset(context: typer.Context, name: Annotated[str, typer.Argument(help=_("The exercise."))]) -> None:
    """Restore a stub."""
    place = Place.here(context, need_workspace=True)
    assert place.workspace is not None
    exercise = place.resolve(name)
    backup = place.workspace.reset(exercise)
    say(_("{file} is the stub again.").format(file=exercise.file))
    if backup is not None:
        say(_("Your old file is now {path}").format(path=backup))
    say(_("The exercise is open again: `{command}`").format(command=place.call("check", exercise)))
