"""The plugin manager: loads plugins and calls their hooks.

There are two kinds of plugins. An installed plugin, in the entry-point group `learn`, may implement any hook. A plain
folder of courses, named by the user, is a course pack and nothing else.
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

from learn_torch.errors import Cancelled, PluginError
from learn_torch.plugins import hookspecs
from learn_torch.plugins.contributions import Command, ReportFormat
from learn_torch.plugins.hookspecs import hookimpl

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from learn_torch.course import Catalogue, CoursePack, DataSet

BUILT_IN = "builtin"

Contribution = TypeVar("Contribution", "DataSet", ReportFormat)


@dataclass(frozen=True)
class BrokenPlugin:
    """An installed plugin that could not be loaded, or whose hook failed, and the reason."""

    name: str
    reason: str


class CourseFolder:
    """A plain folder as a plugin: a course pack, named like the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @hookimpl
    def learn_courses(self) -> list[CoursePack]:
        """The pack."""
        from learn_torch.course import CoursePack

        return [CoursePack(self.folder.name, self.folder)]


@dataclass(frozen=True)
class Plugins:
    """The loaded plugins and what they contribute together.

    Args:
        manager: knows which plugin implements which hook. Use `call` to call them.
        broken: the plugins that could not be loaded, and the hooks that have failed so far.
        installed: the names of third-party plugins. Their failures go to `broken`; our own keep their traceback.
    """

    manager: pluggy.PluginManager
    broken: list[BrokenPlugin]
    installed: set[str] = field(default_factory=set)
    _given_up: set[tuple[str, str]] = field(default_factory=set, init=False, repr=False)

    def names(self) -> list[str]:
        """The plugins, the built-in one first."""
        return [name for name, _plugin in self.manager.list_name_plugin()]

    def add_courses(self, folders: Sequence[Path]) -> None:
        """Add folders of courses that are not loaded yet. Raises PluginError if one holds no course."""
        for folder in map(course_in, folders):
            if not self.manager.has_plugin(str(folder)):
                self.manager.register(CourseFolder(folder), str(folder))

    def call(self, hook: str, **arguments: Any) -> Iterator[tuple[str, Any]]:
        """Call a hook. Yields pairs of a plugin's name and its result, without the results that are None.

        The plugins come in pluggy's order: the one that was registered last comes first. Each plugin is called only
        when its pair is needed, so a caller that wants one answer can stop after it. If an installed plugin raises or
        returns a wrong type, `broken` records it and this hook of that plugin is not called again: otherwise it would
        fail at every step of a training.

        Args:
            hook: the hook's name.
            arguments: all arguments of the hook's specification.
        """
        for implementation in reversed(getattr(self.manager.hook, hook).get_hookimpls()):
            name = implementation.plugin_name
            wanted = [arguments[argument] for argument in implementation.argnames]
            if name not in self.installed:
                result = implementation.function(*wanted)
            elif (name, hook) in self._given_up:
                continue
            else:
                try:
                    result = implementation.function(*wanted)
                except Cancelled:  # the user cancelled while the plugin waited for `examine`
                    raise
                except (Exception, SystemExit) as error:  # third-party code may raise anything
                    frame = traceback.extract_tb(error.__traceback__)[-1]
                    reason = f"{type(error).__name__}: {error} ({frame.filename}:{frame.lineno})"
                    self._give_up(name, hook, reason)
                    continue
                if result is not None and (right := _wrong_result(hook, result)):
                    self._give_up(name, hook, f"it returned {type(result).__name__}, not {right}")
                    continue
            if result is not None:
                yield name, result

    def tell(self, hook: str, **arguments: Any) -> None:
        """Call a hook that returns nothing, such as the hooks of a training."""
        for _answer in self.call(hook, **arguments):
            pass

    def _give_up(self, name: str, hook: str, reason: str) -> None:
        self._given_up.add((name, hook))
        self.broken.append(BrokenPlugin(name, f"{hook}: {reason}"))

    def contributed(self, hook: str) -> list[tuple[str, list[Any]]]:
        """What each plugin contributes through a hook that returns a list, the built-in plugin first."""
        return list(self.call(hook))[::-1]

    def packs(self) -> list[CoursePack]:
        """All course packs, the built-in one first."""
        return [pack for _name, packs in self.contributed("learn_courses") for pack in packs]

    def catalogue(self) -> Catalogue:
        """All courses. Raises ManifestError."""
        from learn_torch.course import Catalogue

        return Catalogue(self.packs())

    @contextmanager
    def joined_by(self, *watchers: object) -> Iterator[None]:
        """Register these objects as plugins while the block runs."""
        for watcher in watchers:
            self.manager.register(watcher)
        try:
            yield
        finally:
            for watcher in watchers:
                self.manager.unregister(watcher)

    def data_sets(self) -> dict[str, DataSet]:
        """All datasets by name.

        Raises:
            PluginError: two plugins use the same name.
        """
        return _by_name("dataset", self.contributed("learn_data_sets"))

    def commands(self) -> dict[str, Command]:
        """All commands by name. If two have the same name, the first one counts and the other goes to `broken`."""
        found: dict[str, Command] = {}
        for name, commands in self.contributed("learn_commands"):
            for command in commands:
                if found.setdefault(command.name, command) is not command:
                    reason = f"learn_commands: a command {command.name!r} already exists"
                    self.broken.append(BrokenPlugin(name, reason))
        return found

    def report_formats(self) -> dict[str, ReportFormat]:
        """All report formats by name. Raises PluginError."""
        return _by_name("report format", self.contributed("learn_report_formats"))


def _by_name(what: str, contributed: Sequence[tuple[str, list[Contribution]]]) -> dict[str, Contribution]:
    found: dict[str, Contribution] = {}
    for one in (one for _plugin, many in contributed for one in many):
        if one.name in found:
            raise PluginError(
                f"two plugins provide a {what} called {one.name!r}",
                "remove one of them: `learn plugins` lists what each plugin provides",
            )
        found[one.name] = one
    return found


def make_plugin_manager(folders: Sequence[Path] = ()) -> Plugins:
    """Load the built-in course, every installed plugin of the entry-point group `learn`, and folders of courses.

    A plugin that cannot be imported is left out and recorded in `broken`. A misspelt hook is an error.

    Raises:
        PluginError: a plugin implements a hook that does not exist, or a folder holds no course.
    """
    from learn_torch import builtin

    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(builtin, BUILT_IN)
    plugins = Plugins(manager, [])
    for entry in _entry_points():
        try:
            plugin = entry.load()
            manager.register(plugin, entry.name)
        except pluggy.PluginValidationError as error:
            raise _misuse(str(error)) from error
        except (Exception, SystemExit) as error:  # importing third-party code may raise anything
            plugins.broken.append(BrokenPlugin(entry.name, f"{type(error).__name__}: {error}"))
        else:
            plugins.installed.add(entry.name)
            _refuse_wrappers(plugins, plugin, entry.name)
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise _misuse(str(error)) from error
    plugins.add_courses(folders)
    return plugins


def _entry_points() -> Iterable[EntryPoint]:
    # Importing importlib.metadata takes longer than everything else that `learn --help` does, and most people have no
    # plugin installed.
    if not any(map(_may_have_plugins, sys.path)):
        return ()
    from importlib.metadata import entry_points

    return entry_points(group=hookspecs.PROJECT)


def _may_have_plugins(place: str) -> bool:
    """Whether this entry of `sys.path` may hold a package with an entry point of the group."""
    if not os.path.isdir(place or os.curdir):
        return os.path.exists(place)  # an archive
    group = f"[{hookspecs.PROJECT}]".encode()
    with os.scandir(place or os.curdir) as entries:
        for entry in entries:
            if entry.name.endswith((".dist-info", ".egg-info", ".egg")):
                with contextlib.suppress(OSError), open(f"{entry.path}/entry_points.txt", "rb") as file:
                    if group in file.read():
                        return True
    return False


def course_in(folder: Path) -> Path:
    """The course in a folder: the folder itself, or the one package in it that is a course. Raises PluginError."""
    inside = [folder, *(path.parent for path in sorted(folder.glob("*/exercises")))]
    for place in inside:
        if next(place.glob("exercises/*/track.toml"), None) is not None:
            return place.resolve()
    raise PluginError(
        f"{folder} holds no course: it has no exercises/TRACK/track.toml",
        "`learn new course NAME` makes a course",
    )


def _refuse_wrappers(plugins: Plugins, plugin: object, name: str) -> None:
    """Remove a plugin that wraps the hooks of others: it could change their answers."""
    for caller in plugins.manager.get_hookcallers(plugin) or ():
        if any(
            implementation.plugin is plugin and (implementation.wrapper or implementation.hookwrapper)
            for implementation in caller.get_hookimpls()
        ):
            plugins.manager.unregister(plugin)
            plugins.broken.append(
                BrokenPlugin(name, f"{caller.name}: a plugin may not wrap the hooks of others")
            )
            return


def _wrong_result(hook: str, result: Any) -> str:
    """What a hook should have returned; empty if the result is right."""
    from learn_torch.course import CoursePack, DataSet
    from learn_torch.report import Diagnosis

    lists = {
        "learn_courses": CoursePack,
        "learn_data_sets": DataSet,
        "learn_commands": Command,
        "learn_report_formats": ReportFormat,
    }
    answers = {"learn_before_check": str, "learn_after_check": str}  # or None
    if hook in lists:
        kind = lists[hook]
        right = isinstance(result, list) and all(isinstance(item, kind) for item in result)
        return "" if right else f"a list of {kind.__name__}"
    if hook in answers and not isinstance(result, answers[hook]):
        return f"{answers[hook].__name__} or None"
    if hook == "learn_diagnose":
        found = result if isinstance(result, list) else [result]
        if not all(isinstance(one, Diagnosis) for one in found):
            return "Diagnosis, a list of Diagnosis or None"
        if not all(isinstance(text, str) for one in found for text in (one.mistake, one.message)):
            return "a Diagnosis of two texts"
    return ""


def _misuse(what: str) -> PluginError:
    hooks = ", ".join(sorted(name for name in vars(hookspecs) if name.startswith("learn_")))
    return PluginError(f"a plugin is wrong: {what}", f"the hooks are: {hooks}")
