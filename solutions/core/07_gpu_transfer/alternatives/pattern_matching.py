"""A match statement for the structure, .cuda() under a guard, the loss brought back with .cpu()."""

import torch


def pick_device(name=None):
    match name:
        case None if torch.cuda.device_count() > 0:
            return torch.device("cuda", 0)
        case None:
            return torch.device("cpu")
        case _:
            return torch.device(name)


def to_device(batch, device):
    match batch:
        case torch.Tensor():
            return batch.to(device=device)
        case tuple():
            return (*(to_device(item, device) for item in batch),)
        case list():
            return [*(to_device(item, device) for item in batch)]
        case dict():
            return dict(zip(batch, to_device([*batch.values()], device)))
    return batch


def train_step_on(device, model, images, targets, loss_fn, optimizer):
    if device.type == "cuda":
        model.cuda(device)
        loss_fn.cuda(device)
        images, targets = images.cuda(device), targets.cuda(device)
    model.zero_grad()
    loss = loss_fn(model(images), targets)
    loss.backward()
    optimizer.step()
    return loss.detach().cpu().numpy().item()
