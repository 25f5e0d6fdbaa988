"""`learn init`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from learn_torch.cli.place import Place, absolute
from learn_torch.cli.terminal import for_shell, say, warn
from learn_torch.errors import LearnError, in_a_line
from learn_torch.language import LANGUAGES, _, language, use_language
from learn_torch.plugins.contributions import Command

if TYPE_CHECKING:
    from learn_torch.workspace import Workspace


def command() -> Command:
    """`learn init`."""
    return Command("init", init, _("Make a workspace: a folder with the stubs of all exercises."))


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help=_("The folder to make."))],
    lang: Annotated[
        str, typer.Option(help=_("The language of statements, stubs and messages: en or zh."))
    ] = "",
) -> None:
    """Make a workspace."""
    from learn_torch.workspace import trust
    from learn_torch.workspace.folder import make_workspace

    if lang and lang not in LANGUAGES:
        raise LearnError(_("no such language: {lang!r}").format(lang=lang), ", ".join(LANGUAGES))
    if lang:
        use_language(lang)
    root = absolute(folder)
    place = Place.at(context, root)
    lang = lang or language()
    use_language(lang)  # a workspace that is there has turned on its own
    asked = [course for course in place.courses if course not in _courses_of(place.workspace)]
    changed = _changed(place, lang, asked) if place.workspace else []
    workspace, kept = make_workspace(root, place.catalogue, lang, asked)
    if workspace.settings.plugins and (asked or changed):
        # Whoever names a course here wants to use it; what learn.toml named before was allowed before.
        trust.trust(workspace)
    use_language(workspace.settings.lang)
    _put_images(place, workspace)
    exercises = workspace.exercises(place.catalogue)
    say(_("A workspace with {n} exercises is ready.").format(n=len(exercises)))
    for text in changed:
        say(text)
    if kept and not changed:
        say(_("{n} files already existed and were not changed.").format(n=len(kept)))
    say("")
    if root != Path.cwd():
        say(f"  cd {for_shell(folder)}")
    say("  learn show")
    say(_("  edit {file}").format(file=exercises[0].file))
    say("  learn check")


def _put_images(place: Place, workspace: Workspace) -> None:
    """Put the images into the workspace that learners can try their code on."""
    data_sets = place.plugins.data_sets()
    for exercise in workspace.exercises(place.catalogue):
        for name in exercise.manifest.data:
            if name in data_sets:
                try:
                    workspace.put_images(exercise, data_sets[name])
                except (
                    Exception
                ) as error:  # a plugin may raise anything, and the workspace works without images
                    warn(
                        _("warning: the images of {name} could not be made: {error}").format(
                            name=name, error=in_a_line(error)
                        )
                    )


def _courses_of(workspace: Workspace | None) -> list[Path]:
    return [folder.resolve() for folder in workspace.course_folders()] if workspace else []


def _changed(place: Place, lang: str, courses: list[Path]) -> list[str]:
    """Change an existing workspace as asked, and say what has been changed."""
    from learn_torch.workspace.folder import SETTINGS_FILE, change_settings

    assert place.workspace is not None
    before = place.workspace.settings
    if lang == before.lang and not courses:
        return []
    _workspace, replaced = change_settings(place.workspace, place.catalogue, lang=lang, courses=courses)
    told = []
    if lang != before.lang:
        told.append(
            _(
                '{file} now says lang = "{lang}". {n} statements and stubs that you had not changed are in this '
                "language now."
            ).format(file=SETTINGS_FILE, lang=lang, n=replaced)
        )
    if courses:
        names = ", ".join(course.name for course in courses)
        told.append(_("{file} now names the course {names}.").format(file=SETTINGS_FILE, names=names))
    return told
