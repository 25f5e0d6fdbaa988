"""The TensorBoard writer of a training. It implements the hooks `learn_run_…`."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from learn_torch.errors import in_a_line
from learn_torch.language import _
from learn_torch.plugins.hookspecs import hookimpl
from learn_torch.runs.drawing.confusion import confusion_matrix
from learn_torch.runs.training.events import EpochEnded, RunEnded, RunStarted

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

FOLDER = "tensorboard"


class TensorBoard:
    """Writes `tensorboard/<n>`: loss and accuracy, the graph, a grid of images, the confusion matrix.

    Every run has its own folder, so that TensorBoard shows the runs side by side. A resumed run continues in the last
    folder.

    Args:
        warn: tells the user what could not be written; the training continues without it.
    """

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._writer: SummaryWriter | None = None
        self._classes: tuple[str, ...] = ()

    @hookimpl
    def learn_run_started(self, started: RunStarted) -> None:
        """Make a folder with the graph and the images, or continue in the last one."""
        from torch.utils.tensorboard import SummaryWriter
        from torchvision.utils import make_grid

        self._classes = started.classes
        resumed = started.first_epoch > 1
        folder = _folder(started.out / FOLDER, resumed)
        self._writer = writer = SummaryWriter(
            str(folder), purge_step=started.first_epoch if resumed else None
        )
        if not resumed:
            writer.add_image("test pictures", make_grid(started.sample.cpu(), nrow=8), 0)
            self._graph(writer, started)

    @hookimpl
    def learn_run_epoch(self, epoch: EpochEnded) -> None:
        """Write the figures of an epoch."""
        if self._writer is None:
            return
        for name in ("train_loss", "test_loss", "test_accuracy", "images_per_second"):
            self._writer.add_scalar(name, getattr(epoch, name), epoch.epoch)
        picture = confusion_matrix(epoch.confusion.tolist(), self._classes)
        self._writer.add_image("confusion matrix", np.asarray(picture), epoch.epoch, dataformats="HWC")
        try:
            self._writer.flush()
        except OSError as error:
            self._lost(error)

    @hookimpl
    def learn_run_ended(self, ended: RunEnded) -> None:
        """Close the folder."""
        if self._writer is not None:
            try:
                self._writer.close()
            except OSError as error:
                self._lost(error)

    def _graph(self, writer: SummaryWriter, started: RunStarted) -> None:
        training = started.model.training
        try:
            with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
                warnings.simplefilter("ignore")  # tracing is deprecated, but TensorBoard needs it
                started.model.eval()
                writer.add_graph(started.model, started.sample[:1])
        except (RuntimeError, ValueError, TypeError) as error:  # a model that cannot be traced
            self._warn(
                _("the graph cannot be written for TensorBoard: {reason}").format(reason=in_a_line(error))
            )
        finally:
            started.model.train(training)

    def _lost(self, error: OSError) -> None:
        self._warn(_("files for TensorBoard cannot be written: {reason}").format(reason=in_a_line(error)))
        self._writer = None


def _folder(parent: Path, resumed: bool) -> Path:
    numbers = [int(path.name) for path in parent.glob("*") if path.name.isdigit()]
    last = max(numbers, default=0)
    return parent / str(last if resumed and last else last + 1)
