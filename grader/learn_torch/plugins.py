"""The plugin manager: who contributes what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import entry_points

import pluggy

from learn_torch import hookspecs
from learn_torch.course import Catalogue, DataSet
from learn_torch.errors import PluginError


@dataclass(frozen=True)
class BrokenPlugin:
    """An installed plugin that could not be loaded, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Plugins:
    """The loaded plugins and what they contribute together."""

    manager: pluggy.PluginManager
    broken: tuple[BrokenPlugin, ...]

    def catalogue(self) -> Catalogue:
        """All courses."""
        return Catalogue(pack for packs in reversed(self.manager.hook.learn_courses()) for pack in packs)

    @contextmanager
    def joined_by(self, *watchers: object) -> Iterator[None]:
        """Have these objects implement hooks, too, as long as the block runs."""
        for watcher in watchers:
            self.manager.register(watcher)
        try:
            yield
        finally:
            for watcher in watchers:
                self.manager.unregister(watcher)

    def data_sets(self) -> dict[str, DataSet]:
        """All data sets by name.

        Raises:
            PluginError: two plugins use the same name.
        """
        found: dict[str, DataSet] = {}
        for data_set in (one for many in reversed(self.manager.hook.learn_data_sets()) for one in many):
            if data_set.name in found:
                raise PluginError(f"two plugins bring a data set called {data_set.name!r}")
            found[data_set.name] = data_set
        return found


def make_plugin_manager() -> Plugins:
    """Load the built-in course and every installed plugin of the entry-point group `learn`.

    A plugin that cannot be imported is left out and remembered; one that misspells a hook is an error.

    Raises:
        PluginError: a plugin implements a hook that does not exist.
    """
    from learn_torch import builtin

    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(builtin, "builtin")
    broken = []
    for entry in entry_points(group=hookspecs.PROJECT):
        try:
            manager.register(entry.load(), entry.name)
        except pluggy.PluginValidationError as error:
            raise _misuse(str(error)) from error
        except Exception as error:  # a stranger's import may raise anything, and must not take `learn` down
            broken.append(BrokenPlugin(entry.name, f"{type(error).__name__}: {error}"))
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise _misuse(str(error)) from error
    return Plugins(manager, tuple(broken))


def _misuse(what: str) -> PluginError:
    hooks = ", ".join(sorted(name for name in vars(hookspecs) if name.startswith("learn_")))
    return PluginError(f"a plugin is wrong: {what}", f"the hooks are: {hooks}")
