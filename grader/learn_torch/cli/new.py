"""`learn new`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from learn_torch.cli.invocation import Invocation
from learn_torch.cli.place import Place, current_folder
from learn_torch.cli.terminal import for_shell, from_here, say
from learn_torch.errors import LearnError
from learn_torch.language import _
from learn_torch.plugins.contributions import Command

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def command() -> Command:
    """`learn new`."""
    return Command("new", app, _("Make a new exercise or course."))


@app.callback()
def new() -> None:
    """Make something new."""


@app.command("exercise", help=_("Add an exercise to a course, from a template that explains itself."))
def exercise(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="TRACK/NN_slug", help=_("For example mine/02_batch_norm."))],
) -> None:
    """Make an exercise."""
    from learn_torch.authoring.scaffold import new_exercise

    track, _slash, short = name.partition("/")
    root = _course_to_add_to(context, track)
    files = new_exercise(root, track, short)
    _tell(files)
    say(
        _("Fill in every TODO, then: learn verify {name} --course {path} --write").format(
            name=f"{track}/{short.partition('_')[0]}", path=for_shell(from_here(root))
        )
    )


@app.command("course", help=_("Make a course with one exercise, ready to use and to install."))
def course(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help=_("The folder of the course, such as my-course."))
    ],
) -> None:
    """Make a course."""
    from learn_torch.authoring.scaffold import new_course

    current_folder()
    folder = Path(name)
    _tell(new_course(folder))
    say(
        _("Fill in every TODO, then: learn verify {name} --course {path} --write").format(
            name=folder.name.replace("-", "_").lower(), path=for_shell(folder)
        )
    )


def _course_to_add_to(context: typer.Context, track: str) -> Path:
    """The course that has the track. A new track goes into the course of `--course` or of the current folder."""
    from learn_torch.course import course_root

    place = Place.here(context, need_workspace=False)
    for one in place.catalogue.tracks:
        if one.id == track:
            if one.pack.root == course_root() and one.pack.root.name == "course_data":  # it is installed
                raise LearnError(
                    _("{track!r} is a track of the built-in course").format(track=track),
                    _("`learn new course NAME` makes a course of your own"),
                )
            return one.pack.root
    if (asked := Invocation.of(context).asked_course()) is not None:
        return asked.root
    if (current_folder() / "exercises").is_dir():
        return current_folder()
    raise LearnError(
        _("there is no track {name!r}, and no course to add it to").format(name=track),
        _("`learn new course NAME` makes a course; or name an existing one with --course DIR"),
    )


def _tell(files: list[Path]) -> None:
    for path in files:
        say(_("made: {path}").format(path=from_here(path)))
