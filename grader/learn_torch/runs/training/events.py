"""The events of a training: the arguments of the hooks `learn_run_…`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class RunStarted:
    """Everything is ready; the first epoch comes next.

    Args:
        exercise: `core/08`.
        model: the model on its device; do not change it.
        sample: a few test images, float32 `(n, 3, 32, 32)` in 0..1, on the model's device.
        sample_targets: their classes, int64 `(n,)`.
        classes: names of the classes.
        epochs: the number of the last epoch.
        first_epoch: 1, or the epoch after the checkpoint of a resumed training.
        images: the number of training images per epoch.
        out: the folder for results.
    """

    exercise: str
    model: nn.Module
    sample: torch.Tensor
    sample_targets: torch.Tensor
    classes: tuple[str, ...]
    epochs: int
    first_epoch: int
    images: int
    out: Path


@dataclass(frozen=True)
class BatchEnded:
    """One training step is done.

    Args:
        epoch: the epoch, from 1.
        images: the number of images in the batch.
        loss: the loss of the batch, a scalar without autograd history. It is on the device, and `.item()` waits for the
            card, so do not call it for every batch.
    """

    epoch: int
    images: int
    loss: torch.Tensor


@dataclass(frozen=True)
class EpochEnded:
    """An epoch is trained, tested and saved.

    Args:
        epoch: the epoch, from 1.
        train_loss: the mean loss per image during training.
        test_loss: the mean loss per image on the test images.
        test_accuracy: 0..1.
        seconds: the time of training and testing.
        images_per_second: training images per second of training.
        confusion: int64 `(k, k)` on the CPU: how many test images of the row's class were predicted as the column's.
    """

    epoch: int
    train_loss: float
    test_loss: float
    test_accuracy: float
    seconds: float
    images_per_second: float
    confusion: torch.Tensor

    def figures(self) -> dict[str, float]:
        """All figures without the matrix, for `metrics.json` and the checkpoint."""
        return {name: value for name, value in vars(self).items() if name != "confusion"}


@dataclass(frozen=True)
class RunEnded:
    """The training has ended.

    Args:
        epochs: the number of trained epochs, including those before a resumption.
        interrupted: whether Ctrl-C or an error ended it.
    """

    epochs: int
    interrupted: bool
