"""`learn next`."""

from __future__ import annotations

from learn_torch.cli.place import Place
from learn_torch.cli.terminal import out
from learn_torch.language import _


def next_exercise() -> None:
    """Show the next exercise."""
    place = Place.here(need_workspace=True)
    assert place.workspace is not None
    exercise = place.next_exercise()
    console = out()
    if exercise is None:
        console.print(_("Every exercise is passed. `learn check --all` checks them once more."))
        return
    console.print(f"{exercise.key}  {exercise.manifest.title}", style="bold", markup=False)
    console.print(str(place.workspace.submission(exercise)), markup=False)
    console.print()
    console.print(f"  learn show {exercise.manifest.id}")
    console.print(f"  learn check {exercise.manifest.id}")
