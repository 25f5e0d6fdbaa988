"""`fit` written out in full, with SGD by hand; `evaluate` collects the outputs of all batches first."""

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class Cifar10Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList([nn.LazyConv2d(channels, 5, padding=2) for channels in (32, 32, 64)])
        self.linears = nn.ModuleList([nn.LazyLinear(64), nn.LazyLinear(10)])

    def forward(self, x):
        for conv in self.convs:
            x = F.max_pool2d(conv(x), kernel_size=2)
        x = torch.flatten(x, start_dim=1)
        for linear in self.linears:
            x = linear(x)
        return x


class Result(NamedTuple):
    loss: float
    accuracy: float


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    model.train()
    losses, sizes = [], []
    for images, targets in loader:
        images, targets = images.to(device), targets.to(device)

        def closure():
            optimizer.zero_grad(set_to_none=False)
            loss = loss_fn(model(images), targets)
            loss.backward()
            return loss

        losses.append(float(optimizer.step(closure)))
        sizes.append(len(targets))
    return np.average(losses, weights=sizes)  # a NumPy float64 is a Python float


@torch.inference_mode()
def evaluate(model, loader, loss_fn, device):
    was_training = model.training
    model.eval()
    batches = [(model(images.to(device)), targets.to(device)) for images, targets in loader]
    model.train(was_training)
    outputs, targets = (torch.cat(parts) for parts in zip(*batches))  # (n, classes) and (n,)
    hits = outputs.topk(1, dim=1).indices == targets[:, None]
    return Result(loss_fn(outputs, targets).item(), hits.double().mean().item())


def fit(model, train_loader, test_loader, *, epochs, lr, device, writer=None):
    model.to(device)
    history = []
    for epoch in range(1, epochs + 1):
        model.train()
        total, seen = torch.zeros((), device=device), 0
        for images, targets in train_loader:
            images, targets = images.to(device), targets.to(device)
            loss = F.cross_entropy(model(images), targets)
            parameters = [p for p in model.parameters() if p.requires_grad]
            gradients = torch.autograd.grad(loss, parameters)
            with torch.no_grad():
                for p, gradient in zip(parameters, gradients):
                    p -= lr * gradient
            total += loss.detach() * len(targets)
            seen += len(targets)
        result = evaluate(model, test_loader, nn.CrossEntropyLoss(), device)
        record = dict(epoch=epoch, train_loss=(total / seen).item())
        record.update(test_loss=result.loss, test_accuracy=result.accuracy)
        if writer is not None:
            for name, value in record.items():
                writer.add_scalar(tag=name, scalar_value=value, global_step=epoch)
        history.append(record)
    return history
