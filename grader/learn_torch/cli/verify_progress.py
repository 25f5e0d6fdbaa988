"""The progress of `learn verify`: a bar with the current run on a terminal, a line now and then elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from learn_torch.escaping import harmless_line
from learn_torch.language import _

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from learn_torch.authoring.bench import Watcher
    from learn_torch.course import Exercise

_LINES = 10
"""How many lines with figures to print without a terminal, besides one line per exercise."""


@contextmanager
def watching(console: Console, total: int) -> Iterator[Watcher]:
    """Show the progress of about `total` runs on `console`."""
    if not console.is_terminal:
        yield _Lines(console, total)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[running]}", markup=False),
    )
    with Progress(*columns, console=console) as bar:
        yield _Bar(bar, bar.add_task(_("verifying"), total=total, running=""), total)


class _Bar:
    def __init__(self, bar: Progress, task: TaskID, total: int) -> None:
        self._bar, self._task, self._total, self._done = bar, task, total, 0

    def began(self, exercise: Exercise, what: str) -> None:
        self._bar.update(self._task, running=harmless_line(f"{exercise.key} {what}"))

    def done(self, runs: int) -> None:
        self._done += runs
        # If there are findings, there are more runs than planned.
        self._bar.update(self._task, completed=self._done, total=max(self._total, self._done))


class _Lines:
    def __init__(self, console: Console, total: int) -> None:
        self._console, self._total, self._done = console, total, 0
        self._begun: set[str] = set()

    def began(self, exercise: Exercise, what: str) -> None:
        if exercise.key not in self._begun:
            self._begun.add(exercise.key)
            self._console.print(f"{exercise.key} {exercise.slug}", markup=False)

    def done(self, runs: int) -> None:
        before, self._done = self._done, self._done + runs
        if self._done * _LINES // self._total > before * _LINES // self._total:
            self._console.print(f"{_('verifying')} {self._done}/{self._total}", markup=False)
