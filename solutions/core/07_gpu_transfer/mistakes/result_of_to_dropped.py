"""The images stay where they were, while the model is on the device: `images = images.to(device)`, which returns a new tensor.

模型搬到了设备上，图片却留在原处：应写成 `images = images.to(device)`，它返回的是新的张量。
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
    images.to(device)
    targets.to(device)

    loss = loss_fn(model(images), targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
