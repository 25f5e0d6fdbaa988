"""The hooks of learn-torch, all of them.

A plugin is a module or an object with functions of these names, marked `@learn_torch.hookimpl` and registered under
the entry-point group `learn`. The built-in one is `learn_torch.builtin`; docs/hooks.md has an example of each hook.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:  # `learn --help` asks for commands and needs none of these; and runs are built on plugins
    from learn_torch.course import CoursePack, DataSet, Exercise
    from learn_torch.plugins.contributions import Command, ReportFormat
    from learn_torch.report import Diagnosis, Report
    from learn_torch.runs.training.events import BatchEnded, EpochEnded, RunEnded, RunStarted

PROJECT = "learn"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def learn_courses() -> list[CoursePack]:  # type: ignore[empty-body]
    """Contribute course packs. Called when a command needs the courses.

    :return: the packs, in the order in which `learn list` shows their tracks.
    """


@hookspec
def learn_data_sets() -> list[DataSet]:  # type: ignore[empty-body]
    """Contribute datasets for `--data NAME`. Called when a command asks for data.

    :return: the datasets; their names have to be new.
    """


@hookspec
def learn_commands() -> list[Command]:  # type: ignore[empty-body]
    """Contribute commands. Called at the start of every `learn`: do not import anything heavy for it.

    :return: the commands, in the order of `learn --help`; their names have to be new.
    """


@hookspec
def learn_report_formats() -> list[ReportFormat]:  # type: ignore[empty-body]
    """Contribute formats for `learn check --format NAME`. Called when a format is asked for.

    :return: the formats; their names have to be new.
    """


@hookspec
def learn_before_check(exercise: Exercise, source: bytes) -> str | None:
    """Say something before a submission is checked. Called before every check, in the process of `learn` itself.

    :param exercise: what it is a submission for.
    :param source: its bytes. They are not to be imported or executed here: nothing confines them.
    :return: a note, which is shown beside the report and changes no verdict; or None.
    """


@hookspec
def learn_after_check(exercise: Exercise, source: bytes, report: Report) -> str | None:
    """Say something when a submission has been checked. Called after every check.

    :param exercise: what it is a submission for.
    :param source: its bytes; see `learn_before_check`.
    :param report: the verdict, which stays as it is.
    :return: a note, which is shown beside the report and changes no verdict; or None.
    """


@hookspec(firstresult=True)
def learn_diagnose(
    exercise: Exercise, source: bytes, report: Report, examine: Callable[..., object]
) -> Diagnosis | None:
    """Name the mistake of a submission that was not passed. Called after its verdict is there.

    Of several plugins the first counts that answers; the built-in one, which compares traces, comes last.

    :param exercise: what it is a submission for.
    :param source: its bytes; see `learn_before_check`.
    :param report: the verdict, which stays as it is.
    :param examine: `examine(only=[...], seed=0, traced=True)` runs checks once more, in a worker, and returns the
        judge's outcome; see `learn_torch.checking.checker.Checker.examine`. What it raises is best let through.
    :return: the mistake and its sentence, or None where there is no telling.
    """


@hookspec
def learn_run_started(started: RunStarted) -> None:
    """Watch a training of `learn run-solution`. Called once, when everything is ready and the first epoch comes next.

    :param started: the model, a few images, the classes, how many epochs.
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
