"""`learn show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from learn_torch.cli.place import Place
from learn_torch.cli.terminal import out, say
from learn_torch.escaping import harmless, printable
from learn_torch.language import _, sentences
from learn_torch.plugins.contributions import Command

if TYPE_CHECKING:
    from rich.console import Console

    from learn_torch.course import Exercise


def command() -> Command:
    """`learn show`."""
    return Command("show", show, _("Show an exercise's statement."))


def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help=_("The exercise; by default the next one."))] = "",
) -> None:
    """Show a statement."""
    place = Place.here(context, need_workspace=not name)
    exercise = place.resolve(name) if name else place.next_exercise()
    if exercise is None:
        say(_("You have passed all exercises."))
        return
    text = harmless(exercise.statement.read_text("utf-8"))
    console = out()
    if console.is_terminal:
        _print_markdown(console, text)
    else:
        say(text.rstrip())
    say("")
    say(_("Topics: {topics}").format(topics=", ".join(exercise.manifest.topics)))
    if exercise.manifest.requires:
        say(_("Builds on: {names}").format(names=", ".join(exercise.manifest.requires)))
    say(_allowed(exercise))
    if place.workspace:
        say(_("Your file: {path}").format(path=place.workspace.submission(exercise)))


def _allowed(exercise: Exercise) -> str:
    """What a check allows: the same for every exercise, so no statement says it."""
    text = _(
        "A check runs your file alone, without a network or a keyboard: it reads only the files that it is given, "
        "and writes only into the working folder."
    )
    if exercise.manifest.processes:
        return text
    return sentences(text, _("It starts no processes (num_workers=0)."))


def _print_markdown(console: Console, text: str) -> None:
    from rich.markdown import Markdown
    from rich.segment import Segment, Segments

    # Escape again after rendering, which turns `&#x202e;` into a character.
    shown = [
        segment if segment.control else Segment(printable(segment.text, also="\n"), segment.style)
        for segment in console.render(Markdown(text))
    ]
    console.print(Segments(shown), end="")
