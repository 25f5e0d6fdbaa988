"""The built-in plugin: the core course, its datasets and the commands. It uses the same hooks as any other plugin."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from learn_torch.language import _
from learn_torch.plugins.contributions import Command, ReportFormat
from learn_torch.plugins.hookspecs import hookimpl

if TYPE_CHECKING:
    from learn_torch.course import CoursePack, DataSet, Exercise
    from learn_torch.judge.job import Outcome
    from learn_torch.report import Diagnosis, Report


@hookimpl
def learn_courses() -> list[CoursePack]:
    """The core track."""
    from learn_torch.course import CoursePack, course_root

    return [CoursePack("learn-torch", course_root())]


@hookimpl
def learn_data_sets() -> list[DataSet]:
    """The datasets that come with the course."""
    from learn_torch.runs.images.sets import BUILT_IN

    return list(BUILT_IN)


@hookimpl
def learn_commands() -> list[Command]:
    """Every command of `learn`, in the order of `learn --help`."""
    from learn_torch.cli import (
        check,
        doctor,
        export,
        hint,
        init,
        list_,
        new,
        next_,
        plugins,
        reset,
        run_solution,
        show,
        trust,
        verify,
    )

    files = [
        init,
        list_,
        show,
        hint,
        next_,
        check,
        reset,
        run_solution,
        verify,
        new,
        export,
        trust,
        plugins,
        doctor,
    ]
    return [file.command() for file in files]


@hookimpl
def learn_report_formats() -> list[ReportFormat]:
    """JSON, as docs/json.md describes it: a list, or a single object if one exercise was named."""
    from learn_torch.report import to_json

    return [ReportFormat("json", _("one JSON document"), to_json, render_one=to_json)]


@hookimpl(trylast=True)
def learn_diagnose(
    exercise: Exercise, source: bytes, report: Report, examine: Callable[..., Outcome]
) -> list[Diagnosis] | None:
    """The known mistakes whose answers match the submission's."""
    from learn_torch.diagnosis.matching import diagnose

    return diagnose(examine, exercise, report) or None
