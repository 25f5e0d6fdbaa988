"""`learn show`."""

from __future__ import annotations

from typing import Annotated

import typer

from learn_torch.cli.place import Place
from learn_torch.cli.terminal import out
from learn_torch.language import _


def show(
    name: Annotated[str, typer.Argument(help=_("The exercise; by default the next one."))] = "",
) -> None:
    """Show a statement."""
    place = Place.here(need_workspace=not name)
    exercise = place.resolve(name) if name else place.next_exercise()
    console = out()
    if exercise is None:
        console.print(_("Every exercise is passed."))
        return
    text = exercise.statement.read_text("utf-8")
    if console.is_terminal:
        from rich.markdown import Markdown

        console.print(Markdown(text))
    else:
        console.print(text.rstrip(), markup=False)
    console.print()
    console.print(_("Topics: {topics}").format(topics=", ".join(exercise.manifest.topics)), markup=False)
    if exercise.manifest.requires:
        console.print(
            _("Builds on: {names}").format(names=", ".join(exercise.manifest.requires)), markup=False
        )
    if place.workspace:
        console.print(_("Your file: {path}").format(path=place.workspace.submission(exercise)), markup=False)
