"""The progress of a run: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from learn_torch.course import Steps
from learn_torch.language import _

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

LINES = 10
"""How many lines a whole run prints without a terminal."""


@contextmanager
def progress(console: Console, title: str, total: int) -> Iterator[Steps]:
    """Show the progress of `total` steps on `console`.

    On a terminal, this is a bar with the figures, steps per second and the remaining time. Elsewhere it is one line per
    tenth of the steps, and only if there are figures.
    """
    if not console.is_terminal:
        yield _Lines(console, title, total)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[figures]}", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        yield _Bar(bar, bar.add_task(title, total=total, figures=""))


class _Bar:
    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar, self._task = bar, task
        self._speed = _Speed()

    def done(self, **figures: float) -> None:
        self._bar.update(self._task, advance=1, figures=_in_words(figures, self._speed.after_one_more()))


class _Lines:
    def __init__(self, console: Console, title: str, total: int) -> None:
        self._console, self._title, self._total = console, title, total
        self._done = 0
        self._speed = _Speed()

    def done(self, **figures: float) -> None:
        self._done += 1
        speed = self._speed.after_one_more()
        tenth = self._done * LINES // self._total > (self._done - 1) * LINES // self._total
        if figures and tenth:
            line = f"{self._title} {self._done}/{self._total}  {_in_words(figures, speed)}"
            self._console.print(line, markup=False)


class _Speed:
    def __init__(self) -> None:
        self._started, self._steps = time.perf_counter(), 0

    def after_one_more(self) -> float:
        self._steps += 1
        return self._steps / max(time.perf_counter() - self._started, 1e-9)


def _in_words(figures: dict[str, float], speed: float) -> str:
    if not figures:
        return ""
    shown = [f"{name} {value:.4f}" for name, value in figures.items()]
    return "  ".join([*shown, _("{speed:.0f} steps/s").format(speed=speed)])
