"""Paths that a submission may not read: courses with graders and solutions, plugins, workspace, other submissions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from learn_torch.course import Exercise
from learn_torch.plugins.manager import Plugins


def hidden_from_all(plugins: Plugins, workspace: Path | None) -> list[Path]:
    """Resolved paths that no submission may read.

    Args:
        plugins: the plugins whose courses and modules are hidden.
        workspace: the folder of the workspace, if there is one.
    """
    found = [pack.root for pack in plugins.packs()]
    found += _modules(plugins)
    found += [workspace] if workspace is not None else []
    return list(dict.fromkeys(path.resolve() for path in found))


def hidden_from(
    exercise: Exercise, submission: Path | None, plugins: Plugins, workspace: Path | None
) -> list[Path]:
    """Resolved paths that one submission may not read: also its own course and the folder that contains it.

    Args:
        exercise: the exercise of the submission.
        submission: its file, if it comes from one.
        plugins: as in `hidden_from_all`.
        workspace: as in `hidden_from_all`.
    """
    found = hidden_from_all(plugins, workspace)
    # The course may come from no plugin, and the folder may hold other people's submissions.
    own = [exercise.track.pack.root.resolve(), *([submission.resolve().parent] if submission else [])]
    return found + [path for path in own if not any(path.is_relative_to(one) for one in found)]


def _modules(plugins: Plugins) -> Iterator[Path]:
    for _name, plugin in plugins.manager.list_name_plugin():
        if file := getattr(plugin, "__file__", None):
            path = Path(file)
            # The plugin is a single file or a package.
            yield path.parent if path.name == "__init__.py" else path
