"""Training. `learn show 08` shows the statement, `learn check 08` checks this file."""

import torch
from torch import nn


class Cifar10Net(nn.Module):
    """The "CIFAR-10 quick" network: float images (N, 3, 32, 32) to logits (N, 10); 145,578 parameters."""

    def __init__(self):
        super().__init__()
        # TODO: three convolutions with a pooling after each, then two linear layers
        raise NotImplementedError

    def forward(self, images):
        """The logits (N, 10) for images (N, 3, 32, 32)."""
        # TODO: one layer after the other, and nothing in between
        raise NotImplementedError


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    """Go once through the loader in training mode, with one optimization step per batch.

    model: is on `device` already. loader: gives batches (images, targets) on the CPU; the last may be smaller.
    loss_fn: gives the mean over a batch. optimizer: holds the model's parameters.
    Returns the mean loss per sample, measured while training, as a Python float.
    """
    # TODO: mode, batches, steps, mean
    raise NotImplementedError


def evaluate(model, loader, loss_fn, device):
    """Measure the model in evaluation mode, without gradients.

    model: is on `device` already. loader, loss_fn: as for train_one_epoch; the targets are class numbers.
    Returns (mean loss per sample, accuracy), two Python floats; the accuracy lies in 0..1.
    """
    # TODO: mode, batches, two means
    raise NotImplementedError


def fit(model, train_loader, test_loader, *, epochs, lr, device, writer=None):
    """Train the model on `device` with cross-entropy and plain SGD; evaluate it after each epoch.

    writer: a SummaryWriter or None; it gets the three numbers of each epoch, too, and stays open.
    Returns one dict per epoch: "epoch" (from 1), "train_loss", "test_loss", "test_accuracy".
    """
    # TODO: move, loop, record
    raise NotImplementedError
