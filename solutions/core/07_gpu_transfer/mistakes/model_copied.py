"""A copy of the model is moved and trained; the optimizer holds the parameters of the one that was given: `model.to(device)` itself.

搬走并训练的是模型的副本，而优化器里装的是传入的那个模型的参数：应直接 `model.to(device)`。
"""

import copy

import torch


def pick_device(name=None):
    if name is None:
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def to_device(batch, device):
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: to_device(value, device) for key, value in batch.items()}
    if isinstance(batch, (tuple, list)):
        return type(batch)(to_device(item, device) for item in batch)
    return batch


def train_step_on(device, model, images, targets, loss_fn, optimizer):
    model = copy.deepcopy(model).to(device)
    loss_fn.to(device)  # class weights are buffers
    images, targets = to_device((images, targets), device)

    loss = loss_fn(model(images), targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
