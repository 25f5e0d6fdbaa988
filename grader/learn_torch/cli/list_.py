"""`learn list`."""

from __future__ import annotations

from learn_torch.cli.place import Place
from learn_torch.cli.terminal import marks, out, say
from learn_torch.language import _
from learn_torch.workspace import Results


def list_exercises() -> None:
    """List the exercises."""
    from rich.table import Table
    from rich.text import Text

    place = Place.here(need_workspace=False)
    progress = Results(place.workspace.root) if place.workspace else None
    exercises = place.exercises()
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="dim")
    for heading in ("", _("exercise"), _("name"), _("title"), _("points")):
        table.add_column(heading, no_wrap=True)
    done = 0
    for exercise in exercises:
        result = progress.of(exercise) if progress else None
        passed = result is not None and result.verdict == "passed"
        done += passed
        mark = Text(marks().passed, "green") if passed else Text(marks().failed if result else " ", "yellow")
        points = f"{result.points:g}/{exercise.max_points:g}" if result else f"{exercise.max_points:g}"
        table.add_row(mark, exercise.key, exercise.slug, Text(str(exercise.manifest.title)), points)
    out().print(table)
    say("")
    if progress is None:
        say(_("Not in a workspace: `learn init DIR` makes one."))
    else:
        say(_("{done} of {n} passed.").format(done=done, n=len(exercises)))
