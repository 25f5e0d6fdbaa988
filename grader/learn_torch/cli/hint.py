"""`learn hint`."""

from __future__ import annotations

from typing import Annotated

import typer

from learn_torch.cli.place import Place
from learn_torch.cli.terminal import say
from learn_torch.language import _
from learn_torch.plugins.contributions import Command


def command() -> Command:
    """`learn hint`."""
    return Command("hint", hint, _("Show hints, from a small nudge to nearly the answer."))


def hint(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help=_("The exercise; by default the next one."))] = "",
    count: Annotated[int, typer.Argument(min=1, help=_("How many hints to show."))] = 1,
) -> None:
    """Show hints."""
    place = Place.here(context, need_workspace=not name)
    exercise = place.resolve(name) if name else place.next_exercise()
    if exercise is None:
        say(_("You have passed all exercises."))
        return
    hints = exercise.manifest.hints
    for number, text in enumerate(hints[:count], 1):
        say(_("Hint {n} of {m}").format(n=number, m=len(hints)), "bold")
        say(str(text).strip())
        say("")
    if count < len(hints):
        say(_("One more: `{command}`").format(command=place.call("hint", exercise, count + 1)))
