"""The built-in plugin: the core course, its data sets, the commands, registered through the same hooks as anybody's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from learn_torch.course import CoursePack, DataSet, Exercise, course_root
from learn_torch.language import _
from learn_torch.plugins.contributions import Command, ReportFormat
from learn_torch.plugins.hookspecs import hookimpl

if TYPE_CHECKING:
    from learn_torch.judge.job import Outcome
    from learn_torch.report import Diagnosis, Report


@hookimpl
def learn_courses() -> list[CoursePack]:
    """The core track."""
    return [CoursePack("learn-torch", course_root())]


@hookimpl
def learn_data_sets() -> list[DataSet]:
    """The data sets that come with the course."""
    from learn_torch.runs.images.sets import BUILT_IN

    return list(BUILT_IN)


@hookimpl
def learn_commands() -> list[Command]:
    """Every command of `learn`, in the order of its help."""
    cli = "learn_torch.cli"
    return [
        Command("init", f"{cli}.init:init", _("Make a workspace: a folder with every exercise's stub.")),
        Command(
            "list", f"{cli}.list_:list_exercises", _("List the exercises and how far you are."), at_once=True
        ),
        Command("show", f"{cli}.show:show", _("Show an exercise's statement.")),
        Command(
            "hint", f"{cli}.hint:hint", _("Show an exercise's hints, from a nudge to nearly the answer.")
        ),
        Command(
            "next",
            f"{cli}.next_:next_exercise",
            _("Show the next exercise that you have not passed."),
            at_once=True,
        ),
        Command("check", f"{cli}.check:check", _("Check your code: the named exercises, or the next one.")),
        Command(
            "reset", f"{cli}.reset:reset", _("Put an exercise's stub back; your file is kept as a backup.")
        ),
        Command(
            "run-solution",
            f"{cli}.run_solution:run_solution",
            _("Run an exercise's reference solution for real."),
        ),
        Command(
            "verify",
            f"{cli}.verify:verify",
            _("Prove graders: what is right passes, what is wrong does not."),
        ),
        Command("new", f"{cli}.new:app", _("Begin an exercise or a course of your own.")),
        Command("export", f"{cli}.export:app", _("Hand a course on: to students, for an exam, whole.")),
        Command("trust", f"{cli}.trust:trust", _("Allow a workspace to use the plugins that it names.")),
        Command(
            "plugins", f"{cli}.plugins:plugins", _("List the plugins and what they bring."), at_once=True
        ),
        Command("doctor", f"{cli}.doctor:doctor", _("Look whether everything here fits together.")),
    ]


@hookimpl
def learn_report_formats() -> list[ReportFormat]:
    """JSON, as docs/json.md describes it: a list, and one object where one exercise was asked for."""
    from learn_torch.report import to_json

    return [ReportFormat("json", _("one JSON document"), to_json, render_one=to_json)]


@hookimpl(trylast=True)
def learn_diagnose(
    exercise: Exercise, source: bytes, report: Report, examine: Callable[..., Outcome]
) -> Diagnosis | None:
    """The known mistake that answers as the submission does."""
    from learn_torch.diagnosis.matching import diagnose

    return diagnose(examine, exercise, report)
