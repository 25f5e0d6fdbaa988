"""A running mean and a record of an epoch as classes of their own, and type annotations."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

import torch
from torch import Tensor, nn
from torch.optim import SGD, Optimizer
from torch.utils.data import DataLoader


class Block(nn.Module):
    """A convolution and a pooling: (N, channels_in, H, W) to (N, channels_out, H/2, W/2)."""

    def __init__(self, channels_in: int, channels_out: int):
        super().__init__()
        self.pool = nn.MaxPool2d(kernel_size=2, stride=2)
        self.conv = nn.Conv2d(channels_in, channels_out, kernel_size=(5, 5), padding=(2, 2))

    def forward(self, x: Tensor) -> Tensor:
        return self.pool(self.conv(x))


class Cifar10Net(nn.Module):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10))
        self.features = nn.Sequential(Block(3, 32), Block(32, 32), Block(32, 64))

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x))


class RunningMean:
    def __init__(self):
        self.sum, self.count = 0.0, 0

    def add(self, mean: Tensor, n: int) -> None:
        self.sum, self.count = self.sum + float(mean) * n, self.count + n

    @property
    def value(self) -> float:
        return self.sum / self.count


@dataclass
class Epoch:
    epoch: int
    train_loss: float
    test_loss: float
    test_accuracy: float


def train_one_epoch(
    model: nn.Module, loader: DataLoader, loss_fn: nn.Module, optimizer: Optimizer, device: torch.device
) -> float:
    model.train(True)
    loss_fn.to(device)
    mean = RunningMean()
    for images, targets in loader:
        if device.type == "cuda":
            images, targets = images.cuda(device), targets.cuda(device)
        loss = loss_fn(model(images), targets)
        for p in model.parameters():
            p.grad = None
        loss.backward()
        optimizer.step()
        mean.add(loss, len(images))
    return mean.value


def accuracy(logits: Tensor, targets: Tensor) -> Tensor:
    return torch.eq(logits.argmax(dim=-1), targets).float().mean()


def evaluate(
    model: nn.Module, loader: DataLoader, loss_fn: nn.Module, device: torch.device
) -> tuple[float, float]:
    model.train(False)
    losses, accuracies = RunningMean(), RunningMean()
    with torch.no_grad():
        for images, targets in loader:
            images, targets = images.to(device), targets.to(device)
            logits = model(images)
            losses.add(loss_fn(logits, targets), len(targets))
            accuracies.add(accuracy(logits, targets), len(targets))
    return losses.value, accuracies.value


def fit(
    model: nn.Module,
    train_loader: DataLoader,
    test_loader: DataLoader,
    *,
    epochs: int,
    lr: float,
    device: torch.device,
    writer=None,
    verbose: bool = False,
) -> list[dict]:
    model.to(device)
    loss_fn, optimizer = nn.CrossEntropyLoss(), SGD(params=model.parameters(), lr=lr, momentum=0)
    history = []
    while len(history) < epochs:
        train_loss = train_one_epoch(model, train_loader, loss_fn, optimizer, device)
        epoch = Epoch(len(history) + 1, train_loss, *evaluate(model, test_loader, loss_fn, device))
        if verbose:
            print(epoch)
        if writer is not None:
            for field in fields(epoch)[1:]:
                writer.add_scalar(field.name, getattr(epoch, field.name), epoch.epoch)
        history.append(asdict(epoch))
    return history
