"""What a training tells those who watch it: the arguments of the hooks `learn_run_…`."""

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
        model: on its device; not to be changed.
        sample: a few images for testing, float32 `(n, 3, 32, 32)` in 0..1, on the model's device.
        sample_targets: their classes, int64 `(n,)`.
        classes: names of the classes.
        epochs: the last epoch.
        first_epoch: 1, or the one after the checkpoint that is resumed.
        images: how many images an epoch trains on.
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
    """One step of training is taken.

    Args:
        epoch: from 1.
        images: how many images the batch had.
        loss: the batch's, a scalar without history. It lies on the device: `.item()` waits for the card, so do not call
            it for every batch.
    """

    epoch: int
    images: int
    loss: torch.Tensor


@dataclass(frozen=True)
class EpochEnded:
    """An epoch is trained, tested and kept.

    Args:
        epoch: from 1.
        train_loss: mean per image, while training.
        test_loss: mean per image.
        test_accuracy: 0..1.
        seconds: what training and testing took.
        images_per_second: images trained on in a second of training.
        confusion: int64 `(k, k)` on the CPU: how many test images of the row's class were taken for the column's.
    """

    epoch: int
    train_loss: float
    test_loss: float
    test_accuracy: float
    seconds: float
    images_per_second: float
    confusion: torch.Tensor

    def figures(self) -> dict[str, float]:
        """All but the matrix: what `metrics.json` and the checkpoint hold of it."""
        return {name: value for name, value in vars(self).items() if name != "confusion"}


@dataclass(frozen=True)
class RunEnded:
    """No epoch comes any more.

    Args:
        epochs: how many are trained, those before a resumption included.
        interrupted: by Ctrl-C or an error.
    """

    epochs: int
    interrupted: bool
