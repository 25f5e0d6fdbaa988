"""Training by whole epochs: the reference's functions do the work, others watch through hooks.

    for each epoch:   train_one_epoch  ->  evaluate  ->  checkpoint, weights, metrics  ->  learn_run_epoch

The loop itself prints and draws nothing. The progress bar (`bar.py`) and TensorBoard (`tensorboard.py`) are
implementers of the hooks, as any plugin may be.
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
"""How many images those who watch are shown."""


class Reference(Protocol):
    """What exercise `core/08` asks for, as far as the loop needs it."""

    def train_one_epoch(
        self, model: nn.Module, loader: Any, loss_fn: Any, optimizer: Any, device: torch.device
    ) -> float:
        """Train on every batch once; the mean loss per image."""

    def evaluate(
        self, model: nn.Module, loader: Any, loss_fn: Any, device: torch.device
    ) -> tuple[float, float]:
        """The mean loss per image, and the accuracy."""


class WatchedLoss(nn.Module):
    """Cross-entropy that tells of every batch, so that the loop sees them while the reference does the work."""

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
        """Call `tell(output, target, loss)` for every batch, as long as the block runs."""
        self._tell = tell
        try:
            yield
        finally:
            self._tell = None


@dataclass
class Training:
    """One training: what it is made of, and how far it has got.

    Args:
        reference: the module with `train_one_epoch` and `evaluate`.
        exercise: `core/08`.
        model: on `device`.
        device: where to compute.
        train_loader: batches in an order drawn from `order`.
        test_loader: batches in a fixed order.
        classes: their names.
        settings: what a resumption has to share.
        order: draws the order of the training batches.
        out: the folder for results.
        tell: calls a hook of those who watch.
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
        """What `--resume` goes on from."""
        return self.out / CHECKPOINT

    @property
    def weights(self) -> Path:
        """The model's state dict alone: what exercise `core/09` loads."""
        return self.out / WEIGHTS

    def resume(self, content: Checkpoint) -> None:
        """Go on where the checkpoint was made.

        Raises:
            LearnError: it was trained on something else, or in another way.
        """
        differing = [name for name, value in self.settings.items() if content["settings"].get(name) != value]
        if differing:
            raise LearnError(
                _("{path} was trained with {there}, and this run has {here}").format(
                    path=self.checkpoint,
                    there=", ".join(f"{name}={content['settings'].get(name)}" for name in differing),
                    here=", ".join(f"{name}={dict(self.settings)[name]}" for name in differing),
                ),
                _("the same options as before, or no --resume"),
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
        """Train until `epochs` epochs are done; those of the history count.

        Args:
            epochs: the last one.
            sample: images and their classes, for those who watch; on the device.
            images: how many images an epoch trains on.

        Raises:
            LearnError: the results cannot be written; that is noticed before the first epoch where it can be.
            KeyboardInterrupt: Ctrl-C; the epochs before are kept.
        """
        self._keep()  # a folder that cannot be written is told now, not after an epoch
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
    """The first `count` images of a loader, or of its first batch where that is smaller."""
    images, targets = next(iter(loader))
    return images[:count], targets[:count]
