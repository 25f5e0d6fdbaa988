"""`learn export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from learn_torch.cli.place import Place, asked_course
from learn_torch.cli.terminal import say
from learn_torch.course import CoursePack
from learn_torch.errors import LearnError
from learn_torch.language import _

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def export() -> None:
    """Hand things on."""


@app.command("course", help=_("Copy a course without its solutions, without its graders too, or whole."))
def course(
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
    pack = _pack(Place.here(need_workspace=False), name)
    target = out or Path(f"{pack.name}-{edition}")
    files = export_course(pack, edition, target)
    say(_("{n} files in {path}").format(n=len(files), path=target))
    if edition == "exam":
        say(_("There are no graders inside: checks run in class."))
        return
    if edition == "student":
        say(_("Nothing of the solutions is inside: every file was looked through."))
    if asked_course() is None:  # it is installed: a second one of its name would be in the way
        return
    first = next((e.key for track in pack.tracks() for e in track.exercises), "01")
    say(_("To use it: learn check {name} --course {path}").format(name=first, path=target))


def _pack(place: Place, name: str | None) -> CoursePack:
    packs = place.plugins.packs()
    if name is None:
        return asked_course() or packs[0]
    for pack in packs:
        if name == pack.name or name in (track.id for track in pack.tracks()):
            return pack
    raise LearnError(
        _("there is no course {name!r}").format(name=name), ", ".join(pack.name for pack in packs)
    )
