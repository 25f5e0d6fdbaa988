"""`learn trust`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from learn_torch.cli.place import absolute, current_folder
from learn_torch.cli.terminal import say
from learn_torch.language import _
from learn_torch.plugins.contributions import Command


def command() -> Command:
    """`learn trust`."""
    return Command("trust", trust, _("Allow a workspace to use the plugins that it names."))


def trust(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help=_("The workspace; by default the current one."))
    ] = None,
    revoke: Annotated[
        bool, typer.Option("--revoke", help=_("Revoke the permission."), show_default=False)
    ] = False,
) -> None:
    """Allow a workspace to use the plugins that it names."""
    from learn_torch.workspace import SETTINGS_FILE, Workspace
    from learn_torch.workspace import trust as consent

    if revoke:  # works even if learn.toml is missing or wrong
        root = _nearest(current_folder()) if folder is None else absolute(folder)
        was = consent.revoke(root)
        text = (
            _("{folder} may no longer use plugins.")
            if was
            else _("{folder} had no permission to use plugins.")
        )
        say(text.format(folder=root))
        return
    workspace = Workspace.find(current_folder()) if folder is None else Workspace.at(absolute(folder))
    file, names = workspace.root / SETTINGS_FILE, ", ".join(workspace.settings.plugins)
    if not names:
        say(_("{file} names no plugins: there is nothing to allow.").format(file=file))
        return
    consent.trust(workspace)
    text = _("{folder} may use {names} until {file} changes.")
    say(text.format(folder=workspace.root, names=names, file=SETTINGS_FILE))


def _nearest(start: Path) -> Path:
    from learn_torch.workspace.folder import has_settings

    return next((folder for folder in (start, *start.parents) if has_settings(folder)), start)
