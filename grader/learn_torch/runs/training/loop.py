"""Training by whole epochs. The reference's functions do the work; others observe it through hooks.

    for each epoch:   train_one_epoch  ->  evaluate  ->  checkpoint, weights, metrics  ->  learn_run_epoch

The loop itself prints and draws nothing. The progress bar (`bar.py`) and TensorBoard (`tensorboard.py`) implement the
hooks, as any plugin may do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import nn

from learn_torch.errors import LearnError, in_a_line
from learn_torch.language import _
from learn_torch.runs.quick_network import MOMENTUM
from learn_torch.runs.training.checkpoint import (
    CHECKPOINT,
    FORMAT,
    WEIGHTS,
    Checkpoint,
    Settings,
    check_room,
    random_states,
    restore_random_states,
    save,
)
from learn_torch.runs.training.events import BatchEnded, EpochEnded, RunEnded, RunStarted

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLE = 32
"""The number of sample images for observers."""


class Reference(Protocol):
    """The functions of exercise `core/08` that the loop needs."""

    def train_one_epoch(
        self, model: nn.Module, loader: Any, loss_fn: Any, optimizer: Any, device: torch.device
    ) -> float:
        """Train on every batch once. Returns the mean loss per image."""

    def evaluate(
        self, model: nn.Module, loader: Any, loss_fn: Any, device: torch.device
    ) -> tuple[float, float]:
        """Returns the mean loss per image and the accuracy."""


class WatchedLoss(nn.Module):
    """Cross-entropy with a callback, so that the loop sees every batch while the reference does the work."""

    def __init__(self) -> None:
        super().__init__()
        self._loss = nn.CrossEntropyLoss()
        self._tell: Callable[[torch.Tensor, torch.Tensor, torch.Tensor], None] | None = None

    def forward(self, output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """The batch's mean loss."""
        loss: torch.Tensor = self._loss(output, target)
        if self._tell is not None:
            self._tell(output.detach(), target, loss.detach())
        return loss

    @contextmanager
    def watched_by(self, tell: Callable[[torch.Tensor, torch.Tensor, torch.Tensor], None]) -> Iterator[None]:
        """Call `tell(output, target, loss)` for every batch while the block runs."""
        self._tell = tell
        try:
            yield
        finally:
            self._tell = None


@dataclass
class Training:
    """One training: its parts and its progress.

    Args:
        reference: the module with `train_one_epoch` and `evaluate`.
        exercise: `core/08`.
        model: the model, on `device`.
        device: the device to compute on.
        train_loader: batches in an order drawn from `order`.
        test_loader: batches in a fixed order.
        classes: the names of the classes.
        settings: the settings that a resumption must share.
        order: the generator for the order of the training batches.
        out: the folder for results.
        tell: calls a hook of the observers.
        write_metrics: called with the history after every epoch.
        history: one dict for each epoch that is done.
    """

    reference: Reference
    exercise: str
    model: nn.Module
    device: torch.device
    train_loader: Any
    test_loader: Any
    classes: tuple[str, ...]
    settings: Settings
    order: torch.Generator
    out: Path
    tell: Callable[..., None]
    write_metrics: Callable[[list[dict[str, float]]], None]
    history: list[dict[str, float]] = field(default_factory=list)
    optimizer: torch.optim.Optimizer = field(init=False)

    def __post_init__(self) -> None:
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=self.settings["lr"], momentum=MOMENTUM)

    @property
    def checkpoint(self) -> Path:
        """The file from which `--resume` continues."""
        return self.out / CHECKPOINT

    @property
    def weights(self) -> Path:
        """The file with only the model's state dict, which exercise `core/09` loads."""
        return self.out / WEIGHTS

    def resume(self, content: Checkpoint) -> None:
        """Continue from a checkpoint.

        Raises:
            LearnError: it was trained with other data or other settings.
        """
        differing = [name for name, value in self.settings.items() if content["settings"].get(name) != value]
        if differing:
            raise LearnError(
                _("{path} was trained with {there}, but this run has {here}").format(
                    path=self.checkpoint,
                    there=", ".join(f"{name}={content['settings'].get(name)}" for name in differing),
                    here=", ".join(f"{name}={dict(self.settings)[name]}" for name in differing),
                ),
                _("use the same options as before, or leave out --resume"),
            )
        try:
            self.model.load_state_dict(content["model"])
            self.optimizer.load_state_dict(content["optimizer"])
            restore_random_states(content["random"], self.order, self.device)
        except (RuntimeError, KeyError, TypeError, ValueError) as error:
            raise LearnError(
                _("{path} does not fit this model: {reason}").format(
                    path=self.checkpoint, reason=in_a_line(error)
                )
            ) from error
        self.history = list(content["history"])

    def run(self, epochs: int, sample: tuple[torch.Tensor, torch.Tensor], images: int) -> None:
        """Train until `epochs` epochs are done, including those of the history.

        Args:
            epochs: the number of the last epoch.
            sample: images and their classes for the observers, on the device.
            images: the number of training images per epoch.

        Raises:
            LearnError: the results cannot be written. If possible, this is found before the first epoch.
            KeyboardInterrupt: Ctrl-C; all complete epochs are saved.
        """
        self._keep()  # report a folder that cannot be written now, not after an epoch
        check_room(self.out, self.checkpoint.stat().st_size)
        pictures, targets = sample
        self.tell(
            "learn_run_started",
            started=RunStarted(
                exercise=self.exercise,
                model=self.model,
                sample=pictures,
                sample_targets=targets,
                classes=self.classes,
                epochs=epochs,
                first_epoch=len(self.history) + 1,
                images=images,
                out=self.out,
            ),
        )
        interrupted = True
        try:
            for epoch in range(len(self.history) + 1, epochs + 1):
                self._epoch(epoch)
            interrupted = False
        finally:
            self.tell("learn_run_ended", ended=RunEnded(len(self.history), interrupted))

    def _epoch(self, epoch: int) -> None:
        loss_fn = WatchedLoss()
        seen = 0

        def batch(_output: torch.Tensor, target: torch.Tensor, loss: torch.Tensor) -> None:
            nonlocal seen
            seen += len(target)
            self.tell("learn_run_batch", batch=BatchEnded(epoch, len(target), loss))

        started = time.perf_counter()
        with loss_fn.watched_by(batch):
            train_loss = self.reference.train_one_epoch(
                self.model, self.train_loader, loss_fn, self.optimizer, self.device
            )
        trained = time.perf_counter()
        confusion = torch.zeros(len(self.classes), len(self.classes), dtype=torch.int64)

        def count(output: torch.Tensor, target: torch.Tensor, _loss: torch.Tensor) -> None:
            chosen = output[:, : len(self.classes)].argmax(dim=1).cpu()  # the network may have room for more
            confusion.index_put_((target.cpu(), chosen), torch.tensor(1), accumulate=True)

        with loss_fn.watched_by(count):
            test_loss, accuracy = self.reference.evaluate(self.model, self.test_loader, loss_fn, self.device)
        ended = EpochEnded(
            epoch=epoch,
            train_loss=train_loss,
            test_loss=test_loss,
            test_accuracy=accuracy,
            seconds=round(time.perf_counter() - started, 3),
            images_per_second=round(seen / (trained - started), 1),
            confusion=confusion,
        )
        self.history.append(ended.figures())
        self._keep()
        self.tell("learn_run_epoch", epoch=ended)

    def _keep(self) -> None:
        weights = {name: tensor.detach().cpu() for name, tensor in self.model.state_dict().items()}
        content = Checkpoint(
            format=FORMAT,
            exercise=self.exercise,
            epoch=len(self.history),
            settings=self.settings,
            classes=list(self.classes),
            model=weights,
            optimizer=self.optimizer.state_dict(),
            random=random_states(self.order, self.device),
            history=self.history,
        )
        save(content, self.checkpoint)
        save(weights, self.weights)
        self.write_metrics(self.history)


def first_of(
    loader: Iterable[tuple[torch.Tensor, torch.Tensor]], count: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """The first `count` images of a loader, or its first batch if that is smaller."""
    images, targets = next(iter(loader))
    return images[:count], targets[:count]
