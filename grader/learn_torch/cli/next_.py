"""`learn next`."""

from __future__ import annotations

import typer

from learn_torch.cli.place import Place
from learn_torch.cli.terminal import say
from learn_torch.escaping import harmless_line
from learn_torch.language import _
from learn_torch.plugins.contributions import Command


def command() -> Command:
    """`learn next`."""
    return Command("next", next_exercise, _("Show the next exercise that you have not passed."))


def next_exercise(context: typer.Context) -> None:
    """Show the next exercise."""
    place = Place.here(context, need_workspace=True)
    assert place.workspace is not None
    exercise = place.next_exercise()
    if exercise is None:
        say(_("You have passed all exercises. `learn check --all` checks them again."))
        return
    say(f"{exercise.key}  {exercise.manifest.title}", "bold")
    say(harmless_line(str(place.workspace.submission(exercise))))
    say("")
    say(f"  {place.call('show', exercise)}")
    say(f"  {place.call('check', exercise)}")
