"""All hooks of learn-torch.

A plugin is a module or an object with functions of these names. They are marked `@learn_torch.hookimpl`, and the
plugin is registered in the entry-point group `learn`. The built-in plugin is `learn_torch.builtin`. docs/hooks.md has
an example of each hook.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pluggy

if (
    TYPE_CHECKING
):  # `learn --help` needs none of these; and runs build on plugins, so importing them would be a cycle
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
    """Contribute datasets for `--data NAME`. Called when a command needs data.

    :return: the datasets; their names must be new.
    """


@hookspec
def learn_commands() -> list[Command]:  # type: ignore[empty-body]
    """Contribute commands. Called at the start of every `learn`, so do not import anything slow for it.

    :return: the commands, in the order of `learn --help`; their names must be new.
    """


@hookspec
def learn_report_formats() -> list[ReportFormat]:  # type: ignore[empty-body]
    """Contribute formats for `learn check --format NAME`. Called when a command needs a format.

    :return: the formats; their names must be new.
    """


@hookspec
def learn_before_check(exercise: Exercise, source: bytes) -> str | None:
    """Add a note before a submission is checked. Called before every check, in the process of `learn` itself.

    :param exercise: the exercise of the submission.
    :param source: the bytes of the submission. Never import or execute them here: nothing confines them.
    :return: a note or None. The note is shown beside the report and changes no verdict.
    """


@hookspec
def learn_after_check(exercise: Exercise, source: bytes, report: Report) -> str | None:
    """Add a note after a submission was checked. Called after every check.

    :param exercise: the exercise of the submission.
    :param source: the bytes of the submission; see `learn_before_check`.
    :param report: the report with the verdict, which cannot be changed.
    :return: a note or None. The note is shown beside the report and changes no verdict.
    """


@hookspec(firstresult=True)
def learn_diagnose(
    exercise: Exercise, source: bytes, report: Report, examine: Callable[..., object]
) -> Diagnosis | list[Diagnosis] | None:
    """Name the mistakes in a submission that did not pass. Called after the verdict.

    The first answer that is not None counts. The built-in plugin, which compares traces, comes last.

    :param exercise: the exercise of the submission.
    :param source: the bytes of the submission; see `learn_before_check`.
    :param report: the report with the verdict, which cannot be changed.
    :param examine: `examine(only=[...], seed=0, traced=True)` runs checks again in a worker and returns the judge's
        outcome; see `learn_torch.checking.checker.Checker.examine`. Do not catch what it raises.
    :return: the mistake and its sentence, several in the order in which to cure them, or None if none is recognised.
    """


@hookspec
def learn_run_started(started: RunStarted) -> None:
    """Observe a training of `learn run-solution`. Called once, just before the first epoch.

    :param started: the model, a few images, the classes, the number of epochs.
    :return: nothing.
    """


@hookspec
def learn_run_batch(batch: BatchEnded) -> None:
    """Observe a training. Called after every step, thousands of times, so it must be fast.

    :param batch: its epoch, size and loss.
    :return: nothing.
    """


@hookspec
def learn_run_epoch(epoch: EpochEnded) -> None:
    """Observe a training. Called when an epoch is trained, tested and saved in a checkpoint.

    :param epoch: its figures and the confusion matrix.
    :return: nothing.
    """


@hookspec
def learn_run_ended(ended: RunEnded) -> None:
    """Observe a training. Called once, after the last epoch or an interruption.

    :param ended: the number of epochs that are done.
    :return: nothing.
    """
