"""`learn export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from learn_torch.cli.invocation import Invocation
from learn_torch.cli.place import Place
from learn_torch.cli.terminal import for_shell, say
from learn_torch.errors import LearnError
from learn_torch.language import _
from learn_torch.plugins.contributions import Command

if TYPE_CHECKING:
    from learn_torch.course import CoursePack

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def command() -> Command:
    """`learn export`."""
    return Command("export", app, _("Export a course: for students, for an exam, or complete."))


@app.callback()
def export() -> None:
    """Export things."""


@app.command(
    "course", help=_("Copy a course: without solutions, without solutions and graders, or complete.")
)
def course(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            help=_("A course or one of its tracks; by default the one of --course, else the built-in course.")
        ),
    ] = None,
    edition: Annotated[
        str,
        typer.Option(
            metavar="EDITION",
            help=_("student: no solutions; exam: no solutions and no graders; instructor: complete."),
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
        say(_("It contains no graders: checks run in class."))
        return
    if edition == "student":
        say(_("It contains no part of a solution: every file was searched."))
    if asked is None:  # it is installed: a second course with its name would conflict
        return
    say(_("To use it: learn init DIR --course {path}").format(path=for_shell(target)))


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
