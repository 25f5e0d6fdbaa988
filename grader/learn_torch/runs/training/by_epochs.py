"""A training from its options: reads the images, makes the loaders, resumes, trains, writes `metrics.json`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import nn

from learn_torch import __version__
from learn_torch.course import Pictures
from learn_torch.errors import DataError
from learn_torch.files import write_atomically
from learn_torch.language import _
from learn_torch.runs.context import RunContext, cannot_write
from learn_torch.runs.quick_network import BATCH_SIZE, LEARNING_RATE
from learn_torch.runs.training.bar import TrainingBar
from learn_torch.runs.training.batches import (
    Streaming,
    fits_in_memory,
    memory_loader,
    read_into_memory,
    workers_for,
)
from learn_torch.runs.training.checkpoint import CHECKPOINT, Settings, read_checkpoint
from learn_torch.runs.training.loop import SAMPLE, Reference, Training, first_of
from learn_torch.runs.training.metrics import EpochFigures, Metrics, RunVersions, TrainedWith
from learn_torch.runs.training.tensorboard import TensorBoard

EPOCHS = 12
TEST_BATCH_SIZE = 500
_USUAL = Settings(data="", pictures=0, seed=0, batch_size=BATCH_SIZE, lr=LEARNING_RATE)
USES = frozenset({"device", "halves", "seed", "out", "epochs", "batch_size", "lr", "workers", "resume"})
"""The USES of a run that calls `train_by_epochs`."""


def train_by_epochs(reference: Reference, model: nn.Module, room: int, context: RunContext) -> dict[str, Any]:
    """Train `model` on the run's images with the user's options.

    Args:
        reference: the module with `train_one_epoch` and `evaluate`.
        model: made with the run's seed; it is moved to the device.
        room: the number of classes of the model's output.
        context: the run's context.

    Returns:
        The figures of the last epoch, the path of the weights, and the seed; after a resumption, the checkpoint's seed.

    Raises:
        LearnError: see `Training.run`; or the checkpoint cannot be resumed.
        DataError: the data has too many classes, or fewer than two.
    """
    classes = context.data.classes
    if not 2 <= len(classes) <= room:
        raise DataError(
            _("the network can learn 2 to {room} classes, but the data has {n}").format(
                room=room, n=len(classes)
            ),
            _("use other data, with --data"),
        )
    asked = context.asked
    epochs = asked.epochs or EPOCHS
    before = read_checkpoint(context.out / CHECKPOINT, context.exercise) if asked.resume else None
    usual = _USUAL if before is None else before["settings"]
    settings = Settings(
        data=context.data_name or "",
        pictures=len(context.data),
        seed=usual["seed"] if asked.seed is None else asked.seed,
        batch_size=asked.batch_size or usual["batch_size"],
        lr=asked.lr or usual["lr"],
    )
    _prepare(context.out)
    order = torch.Generator().manual_seed(context.seed)
    with context.watched_by(TrainingBar(context.errors, context.console), TensorBoard(context.warn)) as tell:
        training = Training(
            reference=reference,
            exercise=context.exercise,
            model=model.to(context.device),
            device=context.device,
            train_loader=_loader(context.data, settings["batch_size"], order, context),
            test_loader=_loader(context.test_data, TEST_BATCH_SIZE, None, context),
            classes=classes,
            settings=settings,
            order=order,
            out=context.out,
            tell=tell,
            write_metrics=lambda history: _write_metrics(context, settings, classes, epochs, model, history),
        )
        if before is not None:
            training.resume(before)
            context.say(_("continuing after epoch {n}").format(n=len(training.history)))
        else:
            _set_aside(training.checkpoint, context)
        images, targets = first_of(training.test_loader, SAMPLE)
        sample = images.to(context.device), targets.to(context.device)
        try:
            training.run(epochs, sample, len(context.data))
        except KeyboardInterrupt:
            context.say(_how_to_go_on(len(training.history), context))
            raise
    for path in (training.weights, training.checkpoint, context.out / "metrics.json"):
        context.say(_("written: {path}").format(path=path))
        context.written.append(path)
    context.say(_("to view it: tensorboard --logdir {path}").format(path=context.out / "tensorboard"))
    last = training.history[-1] if training.history else {}
    return {**last, "weights": str(training.weights), "seed": settings["seed"]}


def _how_to_go_on(done: int, context: RunContext) -> str:
    given = [f"{option} {shlex.quote(str(value))}" for option, value in context.asked.given().items()]
    given = [option for option in given if not option.startswith("--resume")]
    return _("stopped; epochs saved: {n}. To continue: {command}").format(
        n=done, command=" ".join(["learn run-solution", context.exercise, *given, "--resume"])
    )


def _prepare(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(out, error) from error


def _set_aside(checkpoint: Path, context: RunContext) -> None:
    """Rename the old checkpoint, so that a new training does not overwrite hours of work."""
    if checkpoint.is_file():
        backup = checkpoint.with_suffix(".backup.pt")
        checkpoint.replace(backup)
        context.say(_("the checkpoint of the previous run is now {path}").format(path=backup))


def _loader(pictures: Pictures, batch_size: int, order: torch.Generator | None, context: RunContext) -> Any:
    workers = workers_for(len(pictures)) if context.asked.workers is None else context.asked.workers
    if fits_in_memory(len(pictures)):
        data = read_into_memory(pictures, workers, context.warn, context.progress)
        if not len(data):
            raise DataError(_("none of the images can be read"))
        return memory_loader(data.to(context.device), batch_size, order)
    context.say(_("the images do not fit into memory: they are read again for every epoch"))
    return Streaming(pictures, batch_size, order, workers, context.warn)


def _write_metrics(
    context: RunContext,
    settings: Settings,
    classes: tuple[str, ...],
    epochs: int,
    model: nn.Module,
    history: list[dict[str, float]],
) -> None:
    document = Metrics(
        schema=1,
        exercise=context.exercise,
        finished=len(history) >= epochs,
        settings=TrainedWith(**settings, epochs=epochs, device=str(context.device)),
        classes=classes,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        versions=RunVersions(__version__, str(torch.__version__)),
        epochs=msgspec.convert(history, list[EpochFigures]),
    )
    target = context.out / "metrics.json"
    try:
        write_atomically(target, msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n")
    except OSError as error:
        raise cannot_write(target, error) from error
