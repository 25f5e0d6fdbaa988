"""The progress bar of a training. It implements the hooks `learn_run_…`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from learn_torch.language import _
from learn_torch.plugins.hookspecs import hookimpl
from learn_torch.runs.training.events import BatchEnded, EpochEnded, RunEnded, RunStarted

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

SHOWN_EVERY = 0.2
"""Seconds between two readings of the loss, because each reading waits for the card."""


class TrainingBar:
    """Shows a bar for each epoch, with images per second, loss and remaining time, and then a line of figures.

    Args:
        bars: standard error; the bar is drawn only if it is a terminal.
        results: standard output, for the lines.
    """

    def __init__(self, bars: Console, results: Console) -> None:
        self._bars, self._results = bars, results
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._images = self._epochs = 0
        self._began = self._looked = 0.0
        self._figures = ""

    @hookimpl
    def learn_run_started(self, started: RunStarted) -> None:
        """Start the bar."""
        self._images, self._epochs = started.images, started.epochs
        if not self._bars.is_terminal:
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[figures]}", markup=False),
            TimeRemainingColumn(),
            console=self._bars,
            transient=True,
        )
        self._progress.start()

    @hookimpl
    def learn_run_batch(self, batch: BatchEnded) -> None:
        """Advance the bar by one step."""
        if self._progress is None:
            return
        now = time.perf_counter()
        if self._task is None:
            self._began, self._looked, self._figures = now, 0.0, ""
            title = _("epoch {n}/{total}").format(n=batch.epoch, total=self._epochs)
            self._task = self._progress.add_task(title, total=self._images, figures="")
        if now - self._looked > SHOWN_EVERY:
            self._looked = now
            speed = self._progress.tasks[0].completed / max(now - self._began, 1e-9)
            self._figures = _("loss {loss:.4f}  {speed:,.0f} images/s").format(
                loss=batch.loss.item(), speed=speed
            )
        self._progress.update(self._task, advance=batch.images, figures=self._figures)

    @hookimpl
    def learn_run_epoch(self, epoch: EpochEnded) -> None:
        """Print a line for the epoch."""
        if self._progress is not None and self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None
        line = _(
            "epoch {n:>{width}}/{total}  training loss {train:.4f}  test loss {test:.4f}  "
            "accuracy {accuracy:.1%}  {speed:,.0f} images/s  {seconds:.1f} s"
        ).format(
            n=epoch.epoch,
            width=len(str(self._epochs)),
            total=self._epochs,
            train=epoch.train_loss,
            test=epoch.test_loss,
            accuracy=epoch.test_accuracy,
            speed=epoch.images_per_second,
            seconds=epoch.seconds,
        )
        self._results.print(line, markup=False)

    @hookimpl
    def learn_run_ended(self, ended: RunEnded) -> None:
        """Stop the bar."""
        if self._progress is not None:
            self._progress.stop()
