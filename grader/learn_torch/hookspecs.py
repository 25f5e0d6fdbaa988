"""The hooks of learn-torch, all of them.

A plugin is a module or an object with functions of these names, marked `@learn_torch.hookimpl` and registered under
the entry-point group `learn`. The built-in course is one of them: `learn_torch.builtin`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from learn_torch.course import CoursePack, DataSet

PROJECT = "learn"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def learn_courses() -> list[CoursePack]:  # type: ignore[empty-body]
    """Contribute course packs. Called once, when a command first needs the courses.

    :return: the packs, in the order in which `learn list` shows their tracks.
    """


@hookspec
def learn_data_sets() -> list[DataSet]:  # type: ignore[empty-body]
    """Contribute data sets for `--data NAME`. Called once, when a command first asks for data.

    :return: the data sets; their names have to be new.
    """
