"""Checkpoints: everything that a training needs to continue as if it had never stopped."""

from __future__ import annotations

import io
import pickle
import random
import shutil
from pathlib import Path
from typing import Any, TypedDict

import torch

from learn_torch.errors import LearnError, in_a_line
from learn_torch.files import write_atomically
from learn_torch.language import _
from learn_torch.runs.context import cannot_write

FORMAT = 1
CHECKPOINT, WEIGHTS = "checkpoint.pt", "model.pt"
"""The file from which `--resume` continues, and the file with only the model's state dict, for exercise `core/09`."""
SPARE = 32 * 2**20
"""Bytes that must be free in addition to two checkpoints, for TensorBoard and metrics."""


class Settings(TypedDict):
    """The settings that a resumed training must share with its first part."""

    data: str
    pictures: int
    seed: int
    batch_size: int
    lr: float


class Checkpoint(TypedDict):
    """The content of the file: only plain values and tensors, so that it loads with `weights_only=True`.

    `random` holds the states of torch's generators; `history` holds one dict of numbers for each epoch.
    """

    format: int
    exercise: str
    epoch: int
    settings: Settings
    classes: list[str]
    model: dict[str, torch.Tensor]
    optimizer: dict[str, Any]
    random: dict[str, Any]
    history: list[dict[str, float]]


def random_states(order: torch.Generator, device: torch.device) -> dict[str, Any]:
    """The states of all generators that a training draws from."""
    version, numbers, gauss = random.getstate()
    states: dict[str, Any] = {
        "torch": torch.get_rng_state(),
        "order": order.get_state(),
        "python": [version, list(numbers), gauss],
    }
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    if device.type == "mps":
        states["mps"] = torch.mps.get_rng_state()
    return states


def restore_random_states(states: dict[str, Any], order: torch.Generator, device: torch.device) -> None:
    """Restore the generators. A card that was not used before keeps its current state."""
    torch.set_rng_state(states["torch"])
    order.set_state(states["order"])
    version, numbers, gauss = states["python"]
    random.setstate((version, tuple(numbers), gauss))
    if device.type == "cuda" and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"], device)
    if device.type == "mps" and "mps" in states:
        torch.mps.set_rng_state(states["mps"])


def save(content: Any, path: Path) -> None:
    """`torch.save`, so that there is always a complete file at `path`.

    Raises:
        LearnError: it cannot be written; the old file is unchanged.
    """
    whole = io.BytesIO()  # on a full disk, torch's own writer raises an unclear error
    torch.save(content, whole)
    try:
        write_atomically(path, whole.getvalue())
    except OSError as error:
        raise cannot_write(path, error) from error


def check_room(folder: Path, size: int) -> None:
    """Check that the disk has space for two checkpoints of `size` bytes, the old and the new one, and a little more.

    Raises:
        LearnError: there is not enough space.
    """
    free, needed = shutil.disk_usage(folder).free, 2 * size + SPARE
    if free < needed:
        raise LearnError(
            _("{folder}: {needed:.0f} MB are needed, but only {free:.0f} MB are free").format(
                folder=folder, free=free / 1e6, needed=needed / 1e6
            ),
            _("use another folder, with --out DIR"),
        )


def read_checkpoint(path: Path, exercise: str) -> Checkpoint:
    """Read a checkpoint of this exercise's run. Nothing in the file is executed.

    Raises:
        LearnError: the file is missing or not such a checkpoint.
    """
    if not path.is_file():
        raise LearnError(
            _("there is no {path} to resume").format(path=path),
            _("leave out --resume, or give the --out of the run to continue"),
        )
    try:
        content: Checkpoint = torch.load(path, map_location="cpu", weights_only=True)
        right = (content["format"], content["exercise"]) == (FORMAT, exercise)
    except (
        OSError,
        RuntimeError,
        EOFError,
        KeyError,
        TypeError,
        ValueError,
        pickle.UnpicklingError,
    ) as error:
        raise LearnError(
            _("{path} is not a checkpoint: {reason}").format(path=path, reason=in_a_line(error))
        ) from error
    if not right:
        raise LearnError(_("{path} is a checkpoint of another run").format(path=path))
    return content
