"""`metrics.json`: the figures of a training so far, written after every epoch."""

from __future__ import annotations

from msgspec import Struct


class TrainedWith(Struct, frozen=True):
    """The settings of a training. `data` is a dataset's name or a folder, `epochs` the requested number."""

    data: str
    pictures: int
    seed: int
    batch_size: int
    lr: float
    epochs: int
    device: str


class EpochFigures(Struct, frozen=True):
    """One epoch. Losses are means per image, null if not finite. The accuracy is in 0..1."""

    epoch: int
    train_loss: float | None
    test_loss: float | None
    test_accuracy: float
    seconds: float
    images_per_second: float


class RunVersions(Struct, frozen=True, rename={"learn_torch": "learn-torch"}):
    """The versions that it was trained with."""

    learn_torch: str
    torch: str


class Metrics(Struct, frozen=True):
    """A whole training. `finished`: all epochs are done. `parameters`: the number of the network's parameters."""

    schema: int
    exercise: str
    finished: bool
    settings: TrainedWith
    classes: tuple[str, ...]
    parameters: int
    versions: RunVersions
    epochs: list[EpochFigures]
