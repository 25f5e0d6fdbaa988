"""One step of training as the judge takes it, and what a grader does to models in the judge and in the worker alike."""

from dataclasses import dataclass
from typing import Any


@dataclass
class Side:
    """What a step is taken with: in the judge, or as handles in the worker."""

    model: Any
    loss_fn: Any
    optimizer: Any


def our_step(side, images, targets):
    """One step of the judge's, and the loss before it."""
    side.optimizer.zero_grad()
    loss = side.loss_fn(side.model(images), targets)
    loss.backward()
    side.optimizer.step()
    return loss.item()


def cross_entropy(torch):
    return torch.nn.CrossEntropyLoss()


def backward(model, images, targets):
    """Adds the gradients of a batch: in the judge, or in the worker."""
    from torch.nn import functional

    functional.cross_entropy(model(images), targets).backward()


def set_modes(model, modes):
    """Gives each module its mode, the model itself first."""
    for module, mode in zip(model.modules(), modes, strict=True):
        module.training = mode


def modes_of(model):
    return {f"{name or 'model'}.training": module.training for name, module in model.named_modules()}
