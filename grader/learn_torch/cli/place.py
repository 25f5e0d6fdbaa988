"""Where a command stands: the plugins, the courses, and the workspace around the current folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from learn_torch.cli.terminal import err
from learn_torch.course import Catalogue, CoursePack, Exercise
from learn_torch.errors import ManifestError, WorkspaceError
from learn_torch.language import _, use_language
from learn_torch.plugins import BrokenPlugin, Plugins, course_in, make_plugin_manager
from learn_torch.workspace import Progress, Workspace
from learn_torch.workspace.folder import is_folder

_loaded: list[Plugins] = []
_asked: list[Path] = []
_told: list[BrokenPlugin] = []


def load_plugins(courses: Sequence[Path] = ()) -> Plugins:
    """The plugins, loaded once in a process: those installed, the course folders of the workspace, and these.

    Raises:
        PluginError: a plugin is wrong, or a folder holds no course.
    """
    if not _loaded:
        _asked.extend(map(course_in, courses))
        _loaded.append(make_plugin_manager([*_folders_of_workspace(), *_asked]))
    return _loaded[0]


def asked_course() -> CoursePack | None:
    """The course of `--course`, the last where there are several."""
    return CoursePack(_asked[-1].name, _asked[-1]) if _asked else None


def _folders_of_workspace() -> list[Path]:
    try:
        workspace = Workspace.find_if_any(Path.cwd())
    except ManifestError:  # told by the command that needs the workspace
        return []
    folders = workspace.course_folders() if workspace else []
    return [folder for folder in folders if folder.is_dir()]


def tell_broken(plugins: Plugins) -> None:
    """Name every plugin that could not be loaded and every hook that has raised, once."""
    for broken in plugins.broken:
        if broken not in _told:
            _told.append(broken)
            err().print(
                _("warning: the plugin {name} does not work: {reason}").format(
                    name=broken.name, reason=broken.reason
                ),
                markup=False,
            )


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
        # Modules have to be installed: a workspace may come from anybody, and what it names would run unconfined.
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
            WorkspaceError: one is needed and there is none.
            LearnError: a manifest or a plugin is wrong.
        """
        find = Workspace.find if need_workspace else Workspace.find_if_any
        workspace = find(Path.cwd())
        if workspace is not None:
            use_language(workspace.settings.lang)
        plugins = load_plugins()
        tell_broken(plugins)
        if workspace is not None:
            _insist_on_plugins(workspace, plugins)
        return cls(plugins, plugins.catalogue(), workspace)

    def exercises(self) -> list[Exercise]:
        """The exercises of the workspace's tracks, or all of them."""
        return self.workspace.exercises(self.catalogue) if self.workspace else list(self.catalogue)

    def hidden(self, submission: Path | None = None) -> list[Path]:
        """What no submission may read: the courses, the plugins, the workspace, the other submissions.

        Args:
            submission: the file that is checked, where it is not the workspace's.
        """
        plugins = (plugin for _name, plugin in self.plugins.manager.list_name_plugin())
        files = (getattr(plugin, "__file__", None) for plugin in plugins)
        found = [track.pack.root for track in self.catalogue.tracks]
        # A plugin's module is a file of its own, or lies in its package.
        found += [Path(f).parent if Path(f).name == "__init__.py" else Path(f) for f in files if f]
        found += [self.workspace.root] if self.workspace else []
        return found + ([submission.absolute().parent] if submission else [])

    def resolve(self, name: str) -> Exercise:
        """The exercise that `name` means. Raises UnknownExercise."""
        return self.catalogue.resolve(name, self.workspace.settings.default_track if self.workspace else None)

    def next_exercise(self) -> Exercise | None:
        """The first exercise that is not passed yet, or None. Raises WorkspaceError outside of a workspace."""
        workspace = self.workspace or Workspace.find(Path.cwd())
        progress = Progress(workspace.root)
        return next((e for e in workspace.exercises(self.catalogue) if not progress.passed(e)), None)
