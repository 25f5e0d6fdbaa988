"""A single loop that trains when it is given an optimizer and measures when it is not; the network is a Sequential."""

from collections import OrderedDict

import torch
from torch import nn, optim


class Cifar10Net(nn.Sequential):
    def __init__(self, classes=10):
        blocks = []
        for inputs, outputs in [(3, 32), (32, 32), (32, 64)]:
            blocks.append(nn.Conv2d(inputs, outputs, 5, padding="same"))
            blocks.append(nn.MaxPool2d(2))
        head = OrderedDict(
            flatten=nn.Flatten(), hidden=nn.Linear(64 * 4**2, 64), logits=nn.Linear(64, classes)
        )
        super().__init__(*blocks, nn.Sequential(head))


def go_through(model, loader, loss_fn, device, optimizer=None):
    training = optimizer is not None
    model.train(training)
    loss_sum, hits, seen = 0.0, 0.0, 0
    with torch.set_grad_enabled(training):
        for batch in loader:
            images, targets = (tensor.to(device) for tensor in batch)
            outputs = model(images)
            loss = loss_fn(outputs, targets)
            if training:
                model.zero_grad()
                loss.backward()
                optimizer.step()
            n = targets.shape[0]
            loss_sum += loss.detach().cpu().numpy().item() * n
            hits += (outputs.softmax(dim=1).max(dim=1).indices == targets).float().mean().item() * n
            seen += n
    return loss_sum / seen, hits / seen


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    return go_through(model, loader, loss_fn, device, optimizer)[0]


def evaluate(model, loader, loss_fn, device):
    return go_through(model, loader, loss_fn, device)


def fit(model, train_loader, test_loader, *, epochs, lr, device, writer=None):
    model.to(device)
    loss_fn = nn.CrossEntropyLoss()

    def one(epoch):
        # Plain SGD remembers nothing, so a new one each time does the same.
        optimizer = optim.SGD(model.parameters(), lr=lr)
        train_loss, train_accuracy = go_through(model, train_loader, loss_fn, device, optimizer)
        test_loss, test_accuracy = go_through(model, test_loader, loss_fn, device)
        return {
            "epoch": epoch,
            "train_loss": train_loss,
            "train_accuracy": train_accuracy,
            "test_loss": test_loss,
            "test_accuracy": test_accuracy,
        }

    history = [one(epoch) for epoch in range(1, epochs + 1)]
    if writer is not None:
        for record in history:
            for name in record.keys() - {"epoch"}:
                writer.add_scalar(name, record[name], record["epoch"], new_style=True)
    return history
