"""The hooks of learn-torch, all of them.

A plugin is a module or an object with functions of these names, marked `@learn_torch.hookimpl` and registered under
the entry-point group `learn`. The built-in course is one of them: `learn_torch.builtin`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from learn_torch.course import CoursePack, DataSet
    from learn_torch.runs.training.events import BatchEnded, EpochEnded, RunEnded, RunStarted

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


@hookspec
def learn_run_started(started: RunStarted) -> None:
    """Watch a training of `learn run-solution`. Called once, when everything is ready and the first epoch comes next.

    :param started: the model, a few pictures, the classes, how many epochs.
    :return: nothing.
    """


@hookspec
def learn_run_batch(batch: BatchEnded) -> None:
    """Watch a training. Called after every step, thousands of times: be quick.

    :param batch: its epoch, size and loss.
    :return: nothing.
    """


@hookspec
def learn_run_epoch(epoch: EpochEnded) -> None:
    """Watch a training. Called when an epoch is trained, tested, and kept in a checkpoint.

    :param epoch: its figures and the confusion matrix.
    :return: nothing.
    """


@hookspec
def learn_run_ended(ended: RunEnded) -> None:
    """Watch a training. Called once, when no epoch comes any more, also after an interruption.

    :param ended: how many epochs are done.
    :return: nothing.
    """
