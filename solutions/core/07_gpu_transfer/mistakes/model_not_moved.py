"""The model stays where it was, while the batch is on the device: `model.to(device)`.

批次搬到了设备上，模型却留在原处：需要 `model.to(device)`。
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
        return {key: to_device(value, device) for key, value in batch.items()}
    if isinstance(batch, (tuple, list)):
        return type(batch)(to_device(item, device) for item in batch)
    return batch


def train_step_on(device, model, images, targets, loss_fn, optimizer):
    loss_fn.to(device)  # class weights are buffers
    images, targets = to_device((images, targets), device)

    loss = loss_fn(model(images), targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
