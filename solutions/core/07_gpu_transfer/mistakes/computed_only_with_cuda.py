"""The forward pass stands under `if torch.cuda.is_available()`: on a machine without CUDA nothing is computed.

前向计算写在了 `if torch.cuda.is_available()` 里面：在没有 CUDA 的机器上，什么都不会计算。
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
    if torch.cuda.is_available():
        model.to(device)
        loss_fn.to(device)
        images, targets = to_device((images, targets), device)
        outputs = model(images)
    loss = loss_fn(outputs, targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
