"""What the user of `learn run-solution` may ask for."""

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
"""What may stand in a run's USES, and the options that it stands for."""


@dataclass(frozen=True)
class Options:
    """What the user asked for; None where they did not.

    Args:
        device: `auto`, `cpu`, `cuda`, `cuda:1`, `mps`; by default `auto`.
        data: a folder of class folders or a dataset's name; by default what the exercise's manifest names first, else
            `ants_bees`.
        data_root: where the dataset of that name lies.
        epochs: how many epochs to train.
        batch_size: how many images a step takes.
        lr: the learning rate.
        seed: by default 0.
        workers: how many processes read images; 0 for none besides this one.
        image: images, or folders of images, to look at.
        checkpoint: the weights of a trained network.
        out: the folder for results; by default `learn-runs/<slug>`.
        resume: go on from the checkpoint in `out`; None where not asked for.
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
        """The options that the user gave, by name, and their values: `--device`, `--data-root`, …"""
        named = {f"--{name.replace('_', '-')}": value for name, value in vars(self).items()}
        return {option: value for option, value in named.items() if value is not None}

    def only(self, uses: frozenset[str]) -> Options:
        """Those that a run with these USES heeds."""
        heeded = {option for use in uses for option in OPTIONS[use]}
        others = [option for option in self.given() if option not in heeded]
        return replace(self, **dict.fromkeys(option[2:].replace("-", "_") for option in others))
