"""Values that are neither tensors nor containers have no `.to`: return numbers, strings and `None` as they are.

既不是张量也不是容器的值没有 `.to`：数、字符串和 `None` 要原样返回。
"""

import torch


def pick_device(name=None):
    if name is None:
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def to_device(batch, device):
    if isinstance(batch, dict):
        return {key: to_device(value, device) for key, value in batch.items()}
    if isinstance(batch, (tuple, list)):
        return type(batch)(to_device(item, device) for item in batch)
    return batch.to(device)


def train_step_on(device, model, images, targets, loss_fn, optimizer):
    model.to(device)  # in place: the optimizer still holds these parameters
    loss_fn.to(device)  # class weights are buffers
    images, targets = to_device((images, targets), device)

    loss = loss_fn(model(images), targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
