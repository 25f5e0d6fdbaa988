"""Training by epochs: what is kept, who watches, how it stops and goes on. The reference is a small one of this file."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn

from learn_torch.course import silently
from learn_torch.errors import DataError, LearnError
from learn_torch.plugins.hookspecs import hookimpl
from learn_torch.plugins.manager import make_plugin_manager
from learn_torch.runs.images.folders import ClassFolders
from learn_torch.runs.options import Options
from learn_torch.runs.training import batches
from learn_torch.runs.training.by_epochs import train_by_epochs
from learn_torch.runs.training.checkpoint import check_room, read_checkpoint
from learn_torch.runs.training.events import RunEnded
from report.schemas import insist


def train_one_epoch(model: nn.Module, loader: Any, loss_fn: Any, optimizer: Any, device: Any) -> float:
    model.train()
    total = count = 0
    for images, targets in loader:
        loss = loss_fn(model(images), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(images)
        count += len(images)
    return total / count


@torch.no_grad()
def evaluate(model: nn.Module, loader: Any, loss_fn: Any, device: Any) -> tuple[float, float]:
    model.eval()
    total = right = count = 0
    for images, targets in loader:
        output = model(images)
        total += loss_fn(output, targets).item() * len(images)
        right += int((output.argmax(dim=1) == targets).sum())
        count += len(images)
    return total / count, right / count


REFERENCE: Any = SimpleNamespace(train_one_epoch=train_one_epoch, evaluate=evaluate)


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.AvgPool2d(8), nn.Flatten(), nn.Dropout(0.2), nn.Linear(48, 10))


@pytest.fixture
def train(
    context: Callable[..., Any], class_folder: Callable[..., Path], tmp_path: Path
) -> Callable[..., dict[str, Any]]:
    folder = class_folder(ants=13, bees=11)

    def train(reference: Any = REFERENCE, plugins: Any = None, **asked: Any) -> dict[str, Any]:
        pictures = ClassFolders(folder, pytest.fail)
        asked = {"epochs": 3, "batch_size": 4, "lr": 0.1, "out": tmp_path / "out", **asked}
        run = context(
            exercise="core/08",
            asked=Options(**asked),
            opened_data=pictures,
            opened_test_data=pictures,
            data_name="pictures",
            chosen_device=torch.device("cpu"),
            plugins=plugins,
        )
        return train_by_epochs(reference, network(), 10, replace(run, out=asked["out"]))

    return train


def figures(out: Path) -> list[dict[str, float]]:
    document = json.loads((out / "metrics.json").read_text("utf-8"))
    timed = ("seconds", "images_per_second")
    return [{k: v for k, v in epoch.items() if k not in timed} for epoch in document["epochs"]]


def test_an_epoch_gives_a_line_a_checkpoint_weights_and_metrics(
    train: Callable[..., Any], tmp_path: Path, spoken: Any
) -> None:
    last = train()
    out = tmp_path / "out"
    assert {path.name for path in out.iterdir()} == {
        "checkpoint.pt",
        "model.pt",
        "metrics.json",
        "tensorboard",
    }
    assert spoken.results.getvalue().count("images/s") == 3
    assert [epoch["epoch"] for epoch in figures(out)] == [1, 2, 3]
    assert last["test_accuracy"] == figures(out)[-1]["test_accuracy"] > 0.9
    document = json.loads((out / "metrics.json").read_text("utf-8"))
    insist("metrics", document)
    assert document["finished"] is True
    assert document["classes"] == ["ants", "bees"]
    assert document["settings"]["lr"] == 0.1
    weights = torch.load(out / "model.pt", weights_only=True)
    assert weights.keys() == network().state_dict().keys()
    checkpoint = read_checkpoint(out / "checkpoint.pt", "core/08")
    assert checkpoint["epoch"] == 3
    assert torch.equal(checkpoint["model"]["3.weight"], weights["3.weight"])


def test_tensorboard_gets_figures_graph_pictures_and_confusion(
    train: Callable[..., Any], tmp_path: Path
) -> None:
    train()
    found = EventAccumulator(str(tmp_path / "out" / "tensorboard" / "1"), {"images": 0, "scalars": 0})
    found.Reload()
    for name in ("train_loss", "test_loss", "test_accuracy"):
        assert [event.step for event in found.Scalars(name)] == [1, 2, 3]
    kept = [epoch["test_accuracy"] for epoch in figures(tmp_path / "out")]
    assert [event.value for event in found.Scalars("test_accuracy")] == pytest.approx(kept)
    assert {"test pictures", "confusion matrix"} <= set(found.Tags()["images"])
    assert found.Tags()["graph"] is True


class Stop:
    """Presses Ctrl-C in the middle of an epoch."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.ended: list[RunEnded] = []

    @hookimpl
    def learn_run_batch(self, batch: Any) -> None:
        if batch.epoch == self.epoch:
            raise KeyboardInterrupt

    @hookimpl
    def learn_run_ended(self, ended: RunEnded) -> None:
        self.ended.append(ended)


def test_a_resumed_run_comes_to_the_numbers_of_an_unbroken_one(
    train: Callable[..., Any], tmp_path: Path, spoken: Any
) -> None:
    train(out=tmp_path / "whole", epochs=5)
    plugins = make_plugin_manager()
    stop = Stop(4)
    plugins.manager.register(stop)
    with pytest.raises(KeyboardInterrupt):
        train(out=tmp_path / "broken", epochs=5, plugins=plugins)
    assert (stop.ended[0].epochs, stop.ended[0].interrupted) == (3, True)
    assert "epochs saved: 3." in spoken.results.getvalue()
    assert f"--out {tmp_path / 'broken'} --resume" in spoken.results.getvalue()
    assert json.loads((tmp_path / "broken" / "metrics.json").read_text("utf-8"))["finished"] is False
    assert len(figures(tmp_path / "broken")) == 3
    train(out=tmp_path / "broken", epochs=5, resume=True, batch_size=None, lr=None)
    assert figures(tmp_path / "broken") == figures(tmp_path / "whole")
    one, other = (torch.load(tmp_path / name / "model.pt", weights_only=True) for name in ("whole", "broken"))
    assert all(torch.equal(one[key], other[key]) for key in one)
    found = EventAccumulator(str(tmp_path / "broken" / "tensorboard" / "1"))
    found.Reload()
    assert [event.step for event in found.Scalars("test_loss")] == [1, 2, 3, 4, 5]


def test_plugins_watch_and_leave_when_it_is_over(train: Callable[..., Any]) -> None:
    class Watcher:
        def __init__(self) -> None:
            self.seen: list[str] = []

        @hookimpl
        def learn_run_started(self, started: Any) -> None:
            self.seen.append(f"started {started.epochs} {tuple(started.sample.shape[1:])}")

        @hookimpl
        def learn_run_batch(self, batch: Any) -> None:
            self.seen.append(f"batch {batch.images}")

        @hookimpl
        def learn_run_epoch(self, epoch: Any) -> None:
            self.seen.append(f"epoch {epoch.epoch} {int(epoch.confusion.sum())}")
            assert int(epoch.confusion.diag().sum()) == pytest.approx(epoch.test_accuracy * 24)

        @hookimpl
        def learn_run_ended(self, ended: Any) -> None:
            self.seen.append(f"ended {ended.epochs} {ended.interrupted}")

    plugins = make_plugin_manager()
    before = len(plugins.manager.get_plugins())
    watcher = Watcher()
    plugins.manager.register(watcher)
    train(plugins=plugins, epochs=1, batch_size=10)
    assert watcher.seen == [
        "started 1 (3, 32, 32)",
        *("batch 10", "batch 10", "batch 4"),
        "epoch 1 24",
        "ended 1 False",
    ]
    assert len(plugins.manager.get_plugins()) == before + 1


def test_a_new_run_sets_the_old_checkpoint_aside(
    train: Callable[..., Any], tmp_path: Path, spoken: Any
) -> None:
    train(epochs=2)
    before = (tmp_path / "out" / "checkpoint.pt").read_bytes()
    train(epochs=1)
    assert (tmp_path / "out" / "checkpoint.backup.pt").read_bytes() == before
    assert "checkpoint.backup.pt" in spoken.results.getvalue()
    assert {path.name for path in (tmp_path / "out" / "tensorboard").iterdir()} == {"1", "2"}


@pytest.mark.parametrize("asked", [{"batch_size": 8}, {"lr": 0.5}, {"seed": 3}])
def test_a_checkpoint_of_other_settings_is_not_resumed(
    train: Callable[..., Any], asked: dict[str, Any]
) -> None:
    train(epochs=1)
    with pytest.raises(LearnError, match="was trained with") as raised:
        train(epochs=2, resume=True, **asked)
    assert "leave out --resume" in raised.value.hint


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04"])
def test_what_is_no_checkpoint_is_not_resumed(
    train: Callable[..., Any], tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "checkpoint.pt").write_bytes(content)
    with pytest.raises(LearnError, match="is not a checkpoint"):
        train(resume=True)
    assert (tmp_path / "out" / "checkpoint.pt").read_bytes() == content


def test_weights_alone_are_no_checkpoint(train: Callable[..., Any], tmp_path: Path) -> None:
    train(epochs=1)
    (tmp_path / "out" / "model.pt").replace(tmp_path / "out" / "checkpoint.pt")
    with pytest.raises(LearnError, match="is not a checkpoint"):
        train(resume=True)


def test_nothing_to_resume_is_told(train: Callable[..., Any]) -> None:
    with pytest.raises(LearnError, match="to resume"):
        train(resume=True)


def never(*_arguments: object) -> float:
    pytest.fail("it was to be told before the first epoch")


def test_a_folder_that_cannot_be_made_is_told_before_the_first_epoch(
    train: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(LearnError, match="cannot be written") as raised:
        train(SimpleNamespace(train_one_epoch=never, evaluate=never), out=tmp_path / "file" / "out")
    assert "--out DIR" in raised.value.hint


def test_a_full_disk_is_told_before_the_first_epoch(
    train: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LearnError, match="No space left on device"):
        train(SimpleNamespace(train_one_epoch=never, evaluate=never))


def test_too_little_room_is_told(tmp_path: Path) -> None:
    check_room(tmp_path, 1000)
    with pytest.raises(LearnError, match="MB are free"):
        check_room(tmp_path, 10**18)


def test_a_disk_that_fills_up_keeps_the_last_checkpoint(
    train: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    fsync = os.fsync

    def full_later(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) > 4:  # three files before the first epoch, and the checkpoint after it
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full_later)
    with pytest.raises(LearnError, match="No space left on device"):
        train()
    monkeypatch.undo()
    assert read_checkpoint(tmp_path / "out" / "checkpoint.pt", "core/08")["epoch"] == 1
    assert not list((tmp_path / "out").glob(".*"))


def test_too_many_classes_are_told(context: Callable[..., Any], class_folder: Callable[..., Path]) -> None:
    pictures = ClassFolders(class_folder(**{f"kind{n}": 1 for n in range(11)}), pytest.fail)
    run = context(opened_data=pictures, opened_test_data=pictures, chosen_device=torch.device("cpu"))
    with pytest.raises(DataError, match="2 to 10 classes, but the data has 11"):
        train_by_epochs(REFERENCE, network(), 10, run)


@pytest.mark.parametrize("workers", [0, 2])
def test_what_does_not_fit_into_memory_is_read_again_and_trained_alike(
    train: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoken: Any, workers: int
) -> None:
    train(out=tmp_path / "in memory")
    monkeypatch.setattr(batches, "SHARE", 0.0)
    train(out=tmp_path / "streaming", workers=workers)
    assert "read again for every epoch" in spoken.results.getvalue()
    for one, other in zip(figures(tmp_path / "in memory"), figures(tmp_path / "streaming"), strict=True):
        assert one.keys() == other.keys()
        assert other["test_accuracy"] > 0.4
    assert figures(tmp_path / "streaming")[-1]["test_accuracy"] > 0.9


@pytest.mark.parametrize("share", [0.25, 0.0])
def test_a_broken_picture_is_named_once_and_left_out(
    train: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoken: Any, share: float
) -> None:
    (tmp_path / "pictures" / "ants" / "broken.png").write_bytes(b"no picture")
    monkeypatch.setattr(batches, "SHARE", share)
    train()
    told = spoken.errors.getvalue().count("broken.png: cannot be read")
    assert told == 2, "once for training, once for testing"
    assert figures(tmp_path / "out")[-1]["test_accuracy"] > 0.9


def test_memory_holds_what_to_tensor_makes(class_folder: Callable[..., Path]) -> None:
    from torchvision.transforms.functional import to_tensor

    folder = class_folder(ants=2, bees=1)
    Image.effect_noise((32, 32), 90).convert("RGB").save(folder / "ants" / "000.png")
    data = batches.read_into_memory(ClassFolders(folder, pytest.fail), 0, pytest.fail, silently)
    images, targets = data[[0, 2]]
    with Image.open(folder / "ants" / "000.png") as picture:
        assert torch.equal(images[0], to_tensor(picture))
    assert (images.dtype, data.images.dtype) == (torch.float32, torch.uint8)
    assert targets.tolist() == [0, 1]


def test_a_class_is_seen_once_an_epoch_in_an_order_that_changes() -> None:
    data = batches.InMemory(torch.zeros(10, 3, 32, 32, dtype=torch.uint8), torch.arange(10))
    loader = batches.memory_loader(data, 4, torch.Generator().manual_seed(0))
    epochs = [[int(t) for _images, targets in loader for t in targets] for _epoch in range(2)]
    assert [sorted(epoch) for epoch in epochs] == [list(range(10))] * 2
    assert epochs[0] != epochs[1]
    assert len(loader) == 3
