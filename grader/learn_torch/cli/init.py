"""`learn init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from learn_torch.cli.place import Place, absolute
from learn_torch.cli.terminal import for_shell, say
from learn_torch.errors import LearnError
from learn_torch.language import LANGUAGES, _, language, use_language
from learn_torch.plugins.contributions import Command


def command() -> Command:
    """`learn init`."""
    return Command("init", init, _("Make a workspace: a folder with the stubs of all exercises."))


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help=_("The folder to make."))],
    lang: Annotated[str, typer.Option(help=_("The language of statements and messages: en or zh."))] = "",
) -> None:
    """Make a workspace."""
    from learn_torch.workspace.folder import make_workspace

    if lang and lang not in LANGUAGES:
        raise LearnError(_("no such language: {lang!r}").format(lang=lang), ", ".join(LANGUAGES))
    if lang:
        use_language(lang)
    root = absolute(folder)
    place = Place.at(context, root)
    lang = lang or language()
    workspace, kept = make_workspace(root, place.catalogue, lang)
    use_language(workspace.settings.lang)
    exercises = workspace.exercises(place.catalogue)
    say(_("A workspace with {n} exercises is ready.").format(n=len(exercises)))
    if kept:
        say(_("{n} files already existed and were not changed.").format(n=len(kept)))
    say("")
    say(f"  cd {for_shell(folder)}")
    say("  learn show")
    say(_("  edit {file}").format(file=exercises[0].file))
    say("  learn check")
