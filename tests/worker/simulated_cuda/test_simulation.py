"""Properties of the simulation as a whole: it restores everything, and the numbers are the CPU's."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from learn_torch.worker.simulated_cuda import label, logical_device, simulated_cuda

_OWNERS: tuple[Any, ...] = (
    torch,
    torch.Tensor,
    torch.UntypedStorage,
    torch.autocast,
    torch.cuda,
    torch.cuda.memory,
    torch.cuda.random,
    torch.accelerator,
    torch.fft,
    torch._VF,
    nn.functional,
    threading.Thread,
)


def _losses(device: str, optimizer: str, **options: Any) -> list[float]:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(4 * 4 * 4, 5),
    )
    step = getattr(torch.optim, optimizer)(model.parameters(), lr=0.01, **options)
    model.to(device)
    images, targets = torch.randn(64, 1, 8, 8), torch.randint(0, 5, (64,))
    losses = []
    for x, y in zip(images.split(16), targets.split(16), strict=True):
        loss = F.cross_entropy(model(x.to(device)), y.to(device))
        step.zero_grad()
        loss.backward()
        step.step()
        losses.append(loss.item())
    return losses


OPTIMIZERS = [
    ("SGD", {"momentum": 0.9}),
    ("Adam", {"foreach": True}),
    ("AdamW", {"foreach": True}),
    ("RMSprop", {"foreach": True}),
]


@pytest.mark.parametrize(("optimizer", "options"), OPTIMIZERS)
def test_training_gives_the_losses_of_the_cpu(optimizer: str, options: dict[str, Any]) -> None:
    expected = _losses("cpu", optimizer, **options)
    with simulated_cuda():
        assert _losses("cuda", optimizer, **options) == expected
        assert _losses("cpu", optimizer, **options) == expected


def test_nested_use() -> None:
    expected = _losses("cpu", "SGD")
    with simulated_cuda():
        with simulated_cuda():
            assert _losses("cuda", "SGD") == expected
        assert _losses("cuda", "SGD") == expected


def test_everything_is_restored() -> None:
    before = [dict(vars(owner)) for owner in _OWNERS]
    modes = torch._C._len_torch_dispatch_stack()
    with simulated_cuda():
        _losses("cuda", "Adam")
        with torch.autocast("cuda"):
            torch.ones(2, 2, device="cuda") @ torch.ones(2, 2, device="cuda")
    for owner, attributes in zip(_OWNERS, before, strict=True):
        after = vars(owner)
        changed = [name for name, value in attributes.items() if name in after and after[name] is not value]
        assert changed == [], owner
        assert not set(attributes) - set(after), owner
        assert not {name for name in set(after) - set(attributes) if not name.startswith("_")}, owner
    assert torch._C._len_torch_dispatch_stack() == modes
    assert not torch.is_autocast_enabled("cpu")


def test_restored_after_an_error() -> None:
    real = torch.Tensor.to
    with pytest.raises(RuntimeError, match="same device"), simulated_cuda():
        torch.ones(2) + torch.ones(2, device="cuda")
    assert torch.Tensor.to is real


def test_a_default_device_does_not_outlive_the_simulation() -> None:
    with simulated_cuda():
        torch.set_default_device("cuda")
        assert torch.ones(2).is_cuda
    assert torch.ones(2).device.type == "cpu"


def test_labels() -> None:
    tensor = torch.ones(2, 2)
    with simulated_cuda():
        assert logical_device(label(tensor, "cuda")) == torch.device("cuda:0")
        assert logical_device(tensor[0].detach()) == torch.device("cuda:0")
        assert logical_device(label(tensor, "cpu")) == torch.device("cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="a machine with a card can load the file")
def test_a_file_from_the_simulation_is_one_from_a_card() -> None:
    file = io.BytesIO()
    with simulated_cuda():
        torch.save({"weight": torch.ones(2, device="cuda")}, file)
    file.seek(0)
    with pytest.raises(RuntimeError, match="Attempting to deserialize object on a CUDA device but torch"):
        torch.load(file)
    file.seek(0)
    assert torch.load(file, map_location="cpu")["weight"].tolist() == [1.0, 1.0]


def test_a_file_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    with simulated_cuda():
        model = nn.Linear(2, 2).cuda()
        torch.save(model.state_dict(), path)
        assert torch.load(path)["weight"].is_cuda
        assert not torch.load(path, map_location="cpu", mmap=True)["weight"].is_cuda


def test_threads_that_started_outside_are_left_alone() -> None:
    go, results = threading.Event(), []

    def work() -> None:
        go.wait()
        results.append((torch.ones(2) * 2).tolist())

    thread = threading.Thread(target=work)
    thread.start()
    with simulated_cuda():
        go.set()
        thread.join()
    assert results == [[2.0, 2.0]]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_worker_cannot_use_the_card() -> None:
    with simulated_cuda():
        data = torch.utils.data.TensorDataset(torch.ones(2, 3).cuda())
        loader = torch.utils.data.DataLoader(data, num_workers=1)
        with pytest.raises(RuntimeError, match="Cannot re-initialize CUDA in forked subprocess"):
            next(iter(loader))


def test_workers_that_stay_on_the_cpu() -> None:
    with simulated_cuda():
        loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(2, 3)), num_workers=1)
        (batch,) = next(iter(loader))
        assert batch.to("cuda").is_cuda


def test_memory_made_by_torch_itself_follows_its_inputs() -> None:
    with simulated_cuda():
        hot = F.one_hot(torch.tensor([0, 1], device="cuda"))
        assert (hot * torch.ones(2, 2, device="cuda")).is_cuda
        assert F.one_hot(torch.tensor([0, 1])).device.type == "cpu"
