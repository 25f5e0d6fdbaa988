"""The options of `learn run-solution`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

OPTIONS = {
    "device": ("--device",),
    "data": ("--data", "--data-root"),
    "halves": ("--data", "--data-root"),
    "test_data": ("--data", "--data-root"),
    "seed": ("--seed",),
    "out": ("--out",),
    "epochs": ("--epochs",),
    "batch_size": ("--batch-size",),
    "lr": ("--lr",),
    "workers": ("--workers",),
    "resume": ("--resume",),
    "image": ("--image",),
    "checkpoint": ("--checkpoint",),
}
"""The entries that a run's USES may have, and the options that each stands for."""


@dataclass(frozen=True)
class Options:
    """The user's options. An option that was not given is None.

    Args:
        device: `auto`, `cpu`, `cuda`, `cuda:1`, `mps`; by default `auto`.
        data: a folder of class folders or a dataset's name; by default the first one in the exercise's manifest, else
            `ants_bees`.
        data_root: the folder that holds the dataset.
        epochs: the number of epochs.
        batch_size: the number of images per step.
        lr: the learning rate.
        seed: the random seed; by default 0.
        workers: the number of processes that read images; 0 means only this process.
        image: images to classify, or folders of images.
        checkpoint: the weights of a trained network.
        out: the folder for results; by default `learn-runs/<slug>`.
        resume: continue from the checkpoint in `out`.
    """

    device: str | None = None
    data: str | None = None
    data_root: Path | None = None
    epochs: int | None = None
    batch_size: int | None = None
    lr: float | None = None
    seed: int | None = None
    workers: int | None = None
    image: tuple[Path, ...] | None = None
    checkpoint: Path | None = None
    out: Path | None = None
    resume: bool | None = None

    def given(self) -> dict[str, object]:
        """The options that the user gave, with their values: `--device`, `--data-root`, …"""
        named = {f"--{name.replace('_', '-')}": value for name, value in vars(self).items()}
        return {option: value for option, value in named.items() if value is not None}

    def only(self, uses: frozenset[str]) -> Options:
        """The options that a run with these USES accepts."""
        heeded = {option for use in uses for option in OPTIONS[use]}
        others = [option for option in self.given() if option not in heeded]
        return replace(self, **dict.fromkeys(option[2:].replace("-", "_") for option in others))
