"""Where a command stands: the plugins, the courses, and the workspace around the current folder.

Installed plugins and the folders of `--course` are there for every command. A workspace is looked for where a command
asks for its place, and nowhere else: what lies in or above the current folder is not always the user's own.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from learn_torch.cli.terminal import for_shell, warn
from learn_torch.course import Catalogue, CoursePack, Exercise
from learn_torch.errors import ForeignWorkspace, LearnError, TrustError, WorkspaceError
from learn_torch.language import _, use_language
from learn_torch.plugins.manager import BrokenPlugin, Plugins, course_in, make_plugin_manager
from learn_torch.workspace import SETTINGS_FILE, Results, Workspace, trust
from learn_torch.workspace.folder import has_settings, is_folder

_loaded: list[Plugins] = []
_asked: list[Path] = []
_told: list[BrokenPlugin] = []


def load_plugins(courses: Sequence[Path] = ()) -> Plugins:
    """Load the plugins that are installed, and these folders of courses; for the commands that follow.

    Raises:
        PluginError: a plugin is wrong, or a folder holds no course.
    """
    folders = [course_in(folder) for folder in courses]
    _loaded[:] = [make_plugin_manager(folders)]
    _asked[:] = folders
    _told.clear()
    return _loaded[0]


def asked_course() -> CoursePack | None:
    """The course of `--course`, the last where there are several."""
    return CoursePack(_asked[-1].name, _asked[-1]) if _asked else None


def tell_broken(plugins: Plugins) -> None:
    """Name every plugin that could not be loaded and every hook that has raised, once."""
    for broken in plugins.broken:
        if broken not in _told:
            _told.append(broken)
            warn(
                _("warning: the plugin {name} does not work: {reason}").format(
                    name=broken.name, reason=broken.reason
                )
            )


def current_folder() -> Path:
    """The current folder. Raises LearnError where somebody has deleted it."""
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise LearnError(
            _("the current folder is not there any more"), _("go to another one: cd DIR")
        ) from error


def absolute(path: Path) -> Path:
    """The path, from the root. Raises LearnError where it begins at a current folder that is not there any more."""
    return path if path.is_absolute() else current_folder() / path


def plugins_here(*, need_workspace: bool) -> tuple[Plugins, Workspace | None]:
    """All plugins, with the courses of the workspace around the current folder, whose language is spoken from then on.

    Raises:
        WorkspaceError: one is needed, and there is none that could be used.
        TrustError: it names plugins that the user has not allowed.
        LearnError: its `learn.toml` or a plugin is wrong, or the current folder has been deleted.
    """
    find = Workspace.find if need_workspace else Workspace.find_if_any
    try:
        workspace = find(current_folder())
    except ForeignWorkspace as error:
        if need_workspace:
            raise
        warn(_("warning: {problem}; it is left alone").format(problem=error.message))
        workspace = None
    return _with_courses(workspace), workspace


def _with_courses(workspace: Workspace | None) -> Plugins:
    if not _loaded:
        load_plugins()
    (plugins,) = _loaded
    if workspace is not None:
        insist_on_trust(workspace)
        use_language(workspace.settings.lang)
        plugins.add_courses([folder for folder in workspace.course_folders() if folder.is_dir()])
    tell_broken(plugins)
    return plugins


def insist_on_trust(workspace: Workspace) -> None:
    """Raise TrustError where a workspace names plugins that the user has not allowed, and does not now.

    Only somebody at a terminal is asked.
    """
    if trust.is_trusted(workspace):
        return
    if sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty() and _agrees(workspace):
        trust.trust(workspace)
        return
    raise TrustError(
        _("{file} names plugins, {names}: you have not allowed that, or not since it was changed").format(
            file=workspace.root / SETTINGS_FILE, names=", ".join(workspace.settings.plugins)
        ),
        _("look at them; if you trust whoever wrote them: learn trust {folder}").format(
            folder=for_shell(workspace.root)
        ),
    )


def _agrees(workspace: Workspace) -> bool:
    warn(
        _("{file} names plugins: {names}").format(
            file=workspace.root / SETTINGS_FILE, names=", ".join(workspace.settings.plugins)
        )
    )
    warn(_("What they bring decides what is checked, and runs with everything that you may do."))
    print(_("Use them from now on? [y/N]"), end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _insist_on_plugins(workspace: Workspace, plugins: Plugins) -> None:
    for name in workspace.settings.plugins:
        if is_folder(name):
            if not (workspace.root / name).is_dir():
                raise WorkspaceError(
                    _("this workspace needs the course folder {name!r}, which is not there").format(
                        name=name
                    ),
                    _("put it there, or take it out of learn.toml"),
                )
        # Modules have to be installed: nothing is imported by a name that a learn.toml says.
        elif name not in plugins.names():
            raise WorkspaceError(
                _("this workspace needs the plugin {name!r}, which is not installed").format(name=name),
                _("install it, or take it out of learn.toml"),
            )


@dataclass(frozen=True)
class Place:
    """What most commands need. `workspace` is None outside of one."""

    plugins: Plugins
    catalogue: Catalogue
    workspace: Workspace | None

    @classmethod
    def here(cls, *, need_workspace: bool) -> Place:
        """Look around. Speaks the workspace's language from then on.

        Raises:
            WorkspaceError: a workspace is needed, and there is none that could be used.
            TrustError: the workspace names plugins that the user has not allowed.
            LearnError: a manifest or a plugin is wrong, or the current folder has been deleted.
        """
        return cls._in(*plugins_here(need_workspace=need_workspace))

    @classmethod
    def at(cls, folder: Path) -> Place:
        """The place in this very folder, wherever the current one is. Raises as `here` does."""
        workspace = Workspace.at(folder) if has_settings(folder) else None
        return cls._in(_with_courses(workspace), workspace)

    @classmethod
    def nowhere(cls) -> Place:
        """A place without a workspace, whatever lies around. Raises LearnError where a manifest or plugin is wrong."""
        return cls._in(_with_courses(None), None)

    @classmethod
    def _in(cls, plugins: Plugins, workspace: Workspace | None) -> Place:
        if workspace is not None:
            _insist_on_plugins(workspace, plugins)
        return cls(plugins, plugins.catalogue(), workspace)

    def exercises(self) -> list[Exercise]:
        """The exercises of the workspace's tracks, or all of them."""
        return self.workspace.exercises(self.catalogue) if self.workspace else list(self.catalogue)

    def resolve(self, name: str) -> Exercise:
        """The exercise that `name` means. Raises UnknownExercise."""
        return self.catalogue.resolve(name, self.workspace.settings.default_track if self.workspace else None)

    def next_exercise(self) -> Exercise | None:
        """The first exercise of the workspace that is not passed yet, or None."""
        assert self.workspace is not None
        progress = Results(self.workspace.root)
        return next((e for e in self.workspace.exercises(self.catalogue) if not progress.passed(e)), None)
