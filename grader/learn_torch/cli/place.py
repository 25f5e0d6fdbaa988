"""The surroundings of a command: the plugins, the courses, and the workspace around the current folder.

Every command has the installed plugins and the folders of `--course`. Only a command that asks for a workspace gets
one: a `learn.toml` in or above the current folder may belong to somebody else.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from learn_torch.cli.invocation import Invocation
from learn_torch.cli.terminal import for_shell, from_here, warn
from learn_torch.errors import ForeignWorkspace, LearnError, TrustError, UnknownExercise, WorkspaceError
from learn_torch.language import _, use_language

if TYPE_CHECKING:
    import typer

    from learn_torch.course import Catalogue, Exercise
    from learn_torch.plugins.manager import Plugins
    from learn_torch.workspace import Workspace


def current_folder() -> Path:
    """The current folder. Raises LearnError if it has been deleted."""
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise LearnError(
            _("the current folder does not exist any more"), _("change to another folder: cd DIR")
        ) from error


def absolute(path: Path) -> Path:
    """The absolute path. Raises LearnError if it is relative and the current folder has been deleted."""
    return path if path.is_absolute() else current_folder() / path


def plugins_here(context: typer.Context, *, need_workspace: bool) -> tuple[Plugins, Workspace | None]:
    """All plugins, with the courses of the workspace around the current folder. Switches to the workspace's language.

    Raises:
        WorkspaceError: a workspace is needed, and there is none that can be used.
        TrustError: it names plugins that the user has not allowed.
        LearnError: its `learn.toml` or a plugin is wrong, or the current folder has been deleted.
    """
    from learn_torch.workspace import Workspace

    find = Workspace.find if need_workspace else Workspace.find_if_any
    try:
        workspace = find(current_folder())
    except ForeignWorkspace as error:
        if need_workspace:
            raise
        warn(_("warning: {problem}; it is ignored").format(problem=error.message))
        workspace = None
    return _with_courses(context, workspace), workspace


def _with_courses(context: typer.Context, workspace: Workspace | None) -> Plugins:
    invocation = Invocation.of(context)
    if workspace is not None:
        insist_on_trust(workspace)
        use_language(workspace.settings.lang)
        folders = [folder for folder in workspace.course_folders() if folder.is_dir()]
        invocation.plugins.add_courses(folders)
    invocation.tell_broken()
    return invocation.plugins


def insist_on_trust(workspace: Workspace) -> None:
    """Raise TrustError if a workspace names plugins that the user has not allowed.

    On a terminal, ask the user first.
    """
    if not workspace.settings.plugins:  # most name none, and looking up the consent loads a library
        return
    from learn_torch.workspace import SETTINGS_FILE, trust

    if trust.is_trusted(workspace):
        return
    if sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty() and _agrees(workspace):
        trust.trust(workspace)
        return
    raise TrustError(
        _("{file} names the plugins {names}, which you have not allowed since it last changed").format(
            file=workspace.root / SETTINGS_FILE, names=", ".join(workspace.settings.plugins)
        ),
        _("look at them; if you trust their authors: learn trust {folder}").format(
            folder=for_shell(workspace.root)
        ),
    )


def _agrees(workspace: Workspace) -> bool:
    from learn_torch.workspace import SETTINGS_FILE

    warn(
        _("{file} names plugins: {names}").format(
            file=workspace.root / SETTINGS_FILE, names=", ".join(workspace.settings.plugins)
        )
    )
    warn(_("Plugins decide what is checked, and their code can do everything that you can do."))
    print(_("Use them from now on? [y/N]"), end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def insist_on_plugins(workspace: Workspace, plugins: Plugins) -> None:
    """Raise WorkspaceError if a plugin that the workspace names is missing."""
    from learn_torch.workspace.folder import is_folder

    for name in workspace.settings.plugins:
        if is_folder(name):
            if not (workspace.root / name).is_dir():
                raise WorkspaceError(
                    _("this workspace needs the course folder {name!r}, which does not exist").format(
                        name=name
                    ),
                    _("put the folder there, or remove it from learn.toml"),
                )
        # A plugin that is a module must be installed: a name in learn.toml is never imported.
        elif name not in plugins.names():
            raise WorkspaceError(
                _("this workspace needs the plugin {name!r}, which is not installed").format(name=name),
                _("install it, or remove it from learn.toml"),
            )


@dataclass(frozen=True)
class Place:
    """What most commands need. `workspace` is None outside a workspace."""

    plugins: Plugins
    catalogue: Catalogue
    workspace: Workspace | None
    courses: tuple[Path, ...] = ()
    """The folders of `--course`."""

    @classmethod
    def here(cls, context: typer.Context, *, need_workspace: bool) -> Place:
        """The place around the current folder. Switches to the workspace's language.

        Raises:
            WorkspaceError: a workspace is needed, and there is none that can be used.
            TrustError: the workspace names plugins that the user has not allowed.
            LearnError: a manifest or a plugin is wrong, or the current folder has been deleted.
        """
        return cls._in(context, *plugins_here(context, need_workspace=need_workspace))

    @classmethod
    def at(cls, context: typer.Context, folder: Path) -> Place:
        """The place for the workspace in `folder`. Raises the same errors as `here`."""
        from learn_torch.workspace import Workspace
        from learn_torch.workspace.folder import has_settings

        workspace = Workspace.at(folder) if has_settings(folder) else None
        return cls._in(context, _with_courses(context, workspace), workspace)

    @classmethod
    def nowhere(cls, context: typer.Context) -> Place:
        """A place without a workspace, even inside one. Raises LearnError if a manifest or plugin is wrong."""
        return cls._in(context, _with_courses(context, None), None)

    @classmethod
    def _in(cls, context: typer.Context, plugins: Plugins, workspace: Workspace | None) -> Place:
        if workspace is not None:
            insist_on_plugins(workspace, plugins)
        return cls(plugins, plugins.catalogue(), workspace, Invocation.of(context).courses())

    def exercises(self) -> list[Exercise]:
        """The exercises of the workspace's tracks, or all of them."""
        return self.workspace.exercises(self.catalogue) if self.workspace else list(self.catalogue)

    def resolve(self, name: str) -> Exercise:
        """The exercise that `name` means. Raises UnknownExercise."""
        return self.catalogue.resolve(name, self.workspace.settings.default_track if self.workspace else None)

    def name_of(self, exercise: Exercise) -> str:
        """The shortest name by which `resolve` finds an exercise here."""
        try:
            found = self.resolve(exercise.manifest.id)
        except UnknownExercise:  # several tracks have an exercise of this number
            found = None
        return exercise.manifest.id if found == exercise else exercise.key

    def call(self, command: str, exercise: Exercise | None = None, *more: object) -> str:
        """A command to show to the user: it works as it is printed, where this one was given."""
        names = [self.name_of(exercise)] if exercise else []
        given = [folder.resolve() for folder in self.workspace.course_folders()] if self.workspace else []
        courses = [folder for folder in self.courses if folder not in given]
        options = [f"--course {for_shell(from_here(folder))}" for folder in courses]
        return " ".join(["learn", command, *names, *map(str, more), *options])

    def next_exercise(self) -> Exercise | None:
        """The first exercise of the workspace that is not passed yet, or None."""
        from learn_torch.workspace import Results

        assert self.workspace is not None
        progress = Results(self.workspace.root)
        return next((e for e in self.workspace.exercises(self.catalogue) if not progress.passed(e)), None)
