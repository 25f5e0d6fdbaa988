"""As in many scripts: everything moved by name, one case after the other."""

import torch
from torch import nn


def pick_device(name: str | None = None) -> torch.device:
    if name:
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda:0")
    return torch.device("cpu")


def to_device(batch, device):
    if torch.is_tensor(batch):
        return batch.to(device, non_blocking=True)
    elif type(batch) is list:
        result = []
        for item in batch:
            result.append(to_device(item, device))
        return result
    elif type(batch) is tuple:
        return tuple([to_device(item, device) for item in batch])
    elif type(batch) is dict:
        result = dict()
        for key in batch:
            result[key] = to_device(batch[key], device)
        return result
    else:
        return batch


def train_step_on(device, model: nn.Module, images, targets, loss_fn: nn.Module, optimizer):
    model = model.to(device)
    criterion = loss_fn.to(device)
    images = images.to(device)
    targets = targets.to(device)

    optimizer.zero_grad()
    outputs = model(images)
    loss = criterion(outputs, targets)
    loss.backward()
    optimizer.step()
    return float(loss)
