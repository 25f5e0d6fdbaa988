"""The given list or dict is changed itself: build a new one from the moved items.

改动的是传入的列表或字典本身：应当用搬好的各项新建一个。
"""

import torch


def pick_device(name=None):
    if name is None:
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def to_device(batch, device):
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        for key in batch:
            batch[key] = to_device(batch[key], device)
    if isinstance(batch, list):
        for i in range(len(batch)):
            batch[i] = to_device(batch[i], device)
    if isinstance(batch, tuple):
        return tuple(to_device(item, device) for item in batch)
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
