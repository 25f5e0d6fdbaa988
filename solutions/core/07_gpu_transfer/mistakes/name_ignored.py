"""`pick_device` does not look at the name that it is given: a name decides, whatever the machine has.

`pick_device` 没有理会传入的名字：给了名字就听名字的，不管机器上有什么。
"""

import torch


def pick_device(name=None):
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def to_device(batch, device):
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: to_device(value, device) for key, value in batch.items()}
    if isinstance(batch, (tuple, list)):
        return type(batch)(to_device(item, device) for item in batch)
    return batch


def train_step_on(device, model, images, targets, loss_fn, optimizer):
    model.to(device)  # in place: the optimizer still holds these parameters
    loss_fn.to(device)  # class weights are buffers
    images, targets = to_device((images, targets), device)

    loss = loss_fn(model(images), targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
