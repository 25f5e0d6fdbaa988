"""The gradients of earlier batches are still there, and `backward` adds to them: call `optimizer.zero_grad()` before `backward`.

以前批次的梯度还在，`backward` 会继续往上加：请在 `backward` 之前调用 `optimizer.zero_grad()`。
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
    model.to(device)  # in place: the optimizer still holds these parameters
    loss_fn.to(device)  # class weights are buffers
    images, targets = to_device((images, targets), device)

    loss = loss_fn(model(images), targets)
    loss.backward()
    optimizer.step()
    return loss.item()
