"""Moves parameters and buffers one by one through `.data`, which keeps the objects."""

import torch


def pick_device(name=None):
    return torch.device(name if name is not None else ["cpu", "cuda"][torch.cuda.is_available()])


def to_device(batch, device):
    rebuild = {
        torch.Tensor: lambda: torch.Tensor.to(batch, device),
        tuple: lambda: tuple(to_device(x, device) for x in batch),
        list: lambda: list(to_device(x, device) for x in batch),
        dict: lambda: dict((k, to_device(v, device)) for k, v in batch.items()),
    }
    return rebuild.get(type(batch), lambda: batch)()


def move(module, device):
    for tensor in (*module.parameters(), *module.buffers()):
        tensor.grad = None
        tensor.data = tensor.data.to(device)


def train_step_on(device, model, images, targets, loss_fn, optimizer):
    move(model, device)
    move(loss_fn, device)
    loss = loss_fn(model.forward(images.to(device)), targets.to(device))
    loss.backward()
    optimizer.step()
    return loss.item()
