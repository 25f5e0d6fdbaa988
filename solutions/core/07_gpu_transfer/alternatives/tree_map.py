"""Leaves the nesting to torch's own pytree, and chooses the device when the file is imported."""

import torch
from torch.utils import _pytree

DEFAULT = "cuda" if torch.cuda.is_available() else "cpu"


def pick_device(name=None):
    return torch.device(name or DEFAULT)


def to_device(batch, device):
    return _pytree.tree_map(lambda leaf: leaf.to(device) if isinstance(leaf, torch.Tensor) else leaf, batch)


def train_step_on(device, model, images, targets, loss_fn, optimizer):
    for module in (model, loss_fn):
        module.to(device=device)

    def closure():
        optimizer.zero_grad(set_to_none=False)
        loss = loss_fn(model(images.to(device)), targets.to(device))
        loss.backward()
        return loss

    return optimizer.step(closure).item()
