"""`learn init`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from learn_torch.cli.place import Place
from learn_torch.cli.terminal import out
from learn_torch.errors import LearnError
from learn_torch.language import LANGUAGES, _, language, use_language


def init(
    folder: Annotated[Path, typer.Argument(help=_("The folder to make."))],
    lang: Annotated[str, typer.Option(help=_("The language of statements and messages: en or zh."))] = "",
) -> None:
    """Make a workspace."""
    from learn_torch.workspace.folder import make_workspace

    if lang and lang not in LANGUAGES:
        raise LearnError(_("no such language: {lang!r}").format(lang=lang), ", ".join(LANGUAGES))
    if lang:
        use_language(lang)
    place = Place.here(need_workspace=False)
    lang = lang or language()
    workspace, kept = make_workspace(folder.absolute(), place.catalogue, lang)
    use_language(workspace.settings.lang)
    console = out()
    console.print(
        _("A workspace with {n} exercises is ready.").format(n=len(workspace.exercises(place.catalogue)))
    )
    if kept:
        console.print(_("{n} files were there already and stay as they are.").format(n=len(kept)))
    first = place.catalogue.tracks[0].exercises[0]
    console.print()
    console.print(f"  cd {_shown(folder)}", markup=False)
    console.print("  learn show")
    console.print(_("  edit {file}").format(file=first.file), markup=False)
    console.print("  learn check")


def _shown(folder: Path) -> str:
    text = os.fspath(folder)
    return f'"{text}"' if " " in text else text
