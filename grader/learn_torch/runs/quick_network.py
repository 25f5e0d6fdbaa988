"""The network that reference runs train: small enough for a laptop's CPU."""

from __future__ import annotations

from torch import nn

SIDE = 32
"""Height and width of its images, in pixels."""
BATCH_SIZE, LEARNING_RATE, MOMENTUM = 64, 0.01, 0.9
"""Its default learning rate, with SGD."""


def quick_network(classes: int = 10) -> nn.Sequential:
    """The "CIFAR-10 quick" network: images `(N, 3, 32, 32)` to logits `(N, classes)`.

    It has three convolutions that keep height and width. A max pooling after each halves them, and is the only
    nonlinearity. Source: `cifar10_quick` of Caffe's CIFAR-10 tutorial, https://caffe.berkeleyvision.org/gathered/examples/cifar10.html,
    in the form of exercise `core/08`: 145,578 parameters for ten classes.
    """
    return nn.Sequential(
        nn.Conv2d(3, 32, kernel_size=5, padding=2),  # (N, 32, 32, 32)
        nn.MaxPool2d(2),  # (N, 32, 16, 16)
        nn.Conv2d(32, 32, kernel_size=5, padding=2),
        nn.MaxPool2d(2),  # (N, 32, 8, 8)
        nn.Conv2d(32, 64, kernel_size=5, padding=2),
        nn.MaxPool2d(2),  # (N, 64, 4, 4)
        nn.Flatten(),  # (N, 1024)
        nn.Linear(1024, 64),
        nn.Linear(64, classes),
    )
