"""Training on pictures, its curve, and the pictures that runs draw."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from learn_torch.errors import DataError
from learn_torch.runs.images.folders import ClassFolders
from learn_torch.runs.options import Options
from learn_torch.runs.quick_network import quick_network
from learn_torch.runs.training.steps import read_pictures, train


def test_pictures_become_a_batch(context: Callable[..., Any], class_folder: Callable[..., Path]) -> None:
    pictures = ClassFolders(class_folder(ants=3, bees=2), pytest.fail)
    images, targets = read_pictures(context(opened_data=pictures))
    assert (images.shape, images.dtype) == ((5, 3, 32, 32), torch.float32)
    assert images.min() >= 0
    assert images.max() <= 1
    assert targets.tolist() == [0, 0, 0, 1, 1]


def test_a_picture_that_cannot_be_read_is_named_and_left_out(
    context: Callable[..., Any], class_folder: Callable[..., Path], spoken: Any
) -> None:
    folder = class_folder(ants=2, bees=2)
    (folder / "ants" / "broken [1].jpg").write_bytes(b"no")
    images, _targets = read_pictures(context(opened_data=ClassFolders(folder, pytest.fail)))
    assert len(images) == 4
    assert "warning: " in spoken.errors.getvalue()
    assert "broken [1].jpg" in spoken.errors.getvalue()


def test_one_class_is_nothing_to_learn(
    context: Callable[..., Any], class_folder: Callable[..., Path]
) -> None:
    with pytest.raises(DataError, match="at least two classes, but found: ants"):
        read_pictures(context(opened_data=ClassFolders(class_folder(ants=2), pytest.fail)))


@pytest.fixture
def step() -> Callable[[torch.Tensor, torch.Tensor], float]:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

    def step(images: torch.Tensor, targets: torch.Tensor) -> float:
        loss = torch.nn.functional.cross_entropy(model(images), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def data() -> tuple[torch.Tensor, torch.Tensor]:
    targets = torch.arange(20) % 2
    return targets.view(-1, 1, 1, 1).expand(20, 3, 2, 2).float(), targets


def test_the_loss_falls_and_is_written_down(context: Callable[..., Any], spoken: Any, step: Any) -> None:
    one = context()
    losses = train(one, *data(), step, steps=50)
    assert sum(losses[-20:]) < sum(losses[:20])
    with (one.out / "loss.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == list(range(1, 51))
    assert float(rows[-1]["loss"]) == pytest.approx(losses[-1], abs=1e-6)
    with Image.open(one.out / "loss.png") as image:
        assert image.size == (760, 440)
    said = spoken.results.getvalue()
    assert f"first 20 steps: {sum(losses[:20]) / 20:.4f}" in said
    assert f"last 20 steps:  {sum(losses[-20:]) / 20:.4f}" in said
    assert len(spoken.errors.getvalue().splitlines()) == 10, "a line at every tenth of the way"
    assert "steps/s" in spoken.errors.getvalue()


def test_the_seed_decides_the_batches(context: Callable[..., Any]) -> None:
    def batches() -> list[float]:
        return train(context(), *data(), lambda images, targets: float(targets.sum()), steps=4)

    assert batches() == batches()


def test_a_batch_is_as_large_as_asked(context: Callable[..., Any]) -> None:
    sizes = [
        train(context(asked=asked), *data(), lambda _images, targets: float(len(targets)), steps=1)
        for asked in (Options(), Options(batch_size=7))
    ]
    assert sizes == [[64.0], [7.0]]


def test_a_loss_that_does_not_fall_is_said_so(context: Callable[..., Any], spoken: Any) -> None:
    train(context(), *data(), lambda images, targets: 1.0, steps=4)
    assert "has not decreased" in spoken.errors.getvalue()


def test_the_quick_network_is_the_notes_one() -> None:
    network = quick_network()
    assert network(torch.rand(2, 3, 32, 32)).shape == (2, 10)
    assert sum(parameter.numel() for parameter in network.parameters()) == 145_578
