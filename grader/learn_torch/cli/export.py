"""`learn export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from learn_torch.cli.invocation import Invocation
from learn_torch.cli.place import Place
from learn_torch.cli.terminal import say
from learn_torch.errors import LearnError
from learn_torch.language import _
from learn_torch.plugins.contributions import Command

if TYPE_CHECKING:
    from learn_torch.course import CoursePack

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def command() -> Command:
    """`learn export`."""
    return Command("export", app, _("Hand a course on: to students, for an exam, whole."))


@app.callback()
def export() -> None:
    """Hand things on."""


@app.command("course", help=_("Copy a course without its solutions, without its graders too, or whole."))
def course(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            help=_("The course or one of its tracks; by default the one of --course, or the built-in one.")
        ),
    ] = None,
    edition: Annotated[
        str,
        typer.Option(
            metavar="EDITION",
            help=_("student: without solutions; exam: without graders, too; instructor: whole."),
        ),
    ] = "student",
    out: Annotated[Path | None, typer.Option(metavar="DIR", help=_("The folder to make."))] = None,
) -> None:
    """Export a course."""
    from learn_torch.authoring.export import CONTENTS, export_course

    if edition not in CONTENTS:
        raise LearnError(_("no such edition: {name!r}").format(name=edition), ", ".join(CONTENTS))
    place = Place.here(context, need_workspace=False)
    asked = Invocation.of(context).asked_course()
    pack = _pack(place, name, asked)
    target = out or Path(f"{pack.name}-{edition}")
    files = export_course(pack, edition, target)
    say(_("{n} files in {path}").format(n=len(files), path=target))
    if edition == "exam":
        say(_("There are no graders inside: checks run in class."))
        return
    if edition == "student":
        say(_("Nothing of the solutions is inside: every file was looked through."))
    if asked is None:  # it is installed: a second one of its name would be in the way
        return
    first = next((e.key for track in pack.tracks() for e in track.exercises), "01")
    say(_("To use it: learn check {name} --course {path}").format(name=first, path=target))


def _pack(place: Place, name: str | None, asked: CoursePack | None) -> CoursePack:
    packs = place.plugins.packs()
    if name is None:
        return asked or packs[0]
    for pack in packs:
        if name == pack.name or name in (track.id for track in pack.tracks()):
            return pack
    raise LearnError(
        _("there is no course {name!r}").format(name=name), ", ".join(pack.name for pack in packs)
    )
