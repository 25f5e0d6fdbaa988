"""`learn list`."""

from __future__ import annotations

import typer

from learn_torch.cli.place import Place
from learn_torch.cli.terminal import marks, print_table, say
from learn_torch.language import _
from learn_torch.plugins.contributions import Command


def command() -> Command:
    """`learn list`."""
    return Command("list", list_exercises, _("List the exercises and your progress."))


def list_exercises(context: typer.Context) -> None:
    """List the exercises."""
    from learn_torch.workspace import Results

    place = Place.here(context, need_workspace=False)
    progress = Results(place.workspace.root) if place.workspace else None
    exercises = place.exercises()
    rows, passed, worse = [], [], False
    signs = marks()
    for exercise in exercises:
        result = progress.of(exercise) if progress else None
        passed.append(result is not None and result.ever_passed)
        mark = signs.passed if passed[-1] else " "
        if result is not None and result.verdict != "passed":
            worse |= passed[-1]
            mark = (mark + signs.failed).strip()
        points = f"{result.points:g}/{exercise.max_points:g}" if result else f"{exercise.max_points:g}"
        rows.append([mark, exercise.key, exercise.slug, str(exercise.manifest.title), points])
    headings = ["", _("exercise"), _("name"), _("title"), _("points")]
    print_table(
        headings, rows, ["green" if one else "yellow" for one in passed], cut=headings.index(_("title"))
    )
    say("")
    if progress is None:
        say(_("Not in a workspace: `learn init DIR` makes one."))
        return
    if worse:
        say(_("{marks}: passed before, but not at the last check.").format(marks=signs.passed + signs.failed))
    say(_("{done} of {n} passed.").format(done=sum(passed), n=len(exercises)))
