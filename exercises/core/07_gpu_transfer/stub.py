"""GPU transfer. `learn show 07` shows the statement, `learn check 07` checks this file."""

import torch


def pick_device(name=None):
    """The torch.device called `name`; without a name, CUDA where it is available, else the CPU."""
    # TODO: choose
    raise NotImplementedError


def to_device(batch, device):
    """The same batch with every tensor on `device`.

    batch: a tensor, or a tuple, list or dict of such, nested to any depth; may hold other values, which stay.
    Returns new containers of the same kinds; those of `batch` are left as they were.
    """
    # TODO: move tensors, go into containers, pass on the rest
    raise NotImplementedError


def train_step_on(device, model, images, targets, loss_fn, optimizer):
    """Take one optimization step on one batch, on `device`.

    model, loss_fn: nn.Modules, which stay on `device` afterwards. loss_fn may hold class weights.
    optimizer: holds the model's parameters; made before the model moved.
    Returns the loss of the batch before the step, as a Python float.
    """
    # TODO: bring everything to the device, then take the step
    raise NotImplementedError
