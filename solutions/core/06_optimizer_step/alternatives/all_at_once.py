"""Gradients from torch.autograd.grad, and all parameters in one call."""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    watched = [p for p in model.parameters() if p.requires_grad]
    loss = loss_fn(model(images), targets)
    for p, grad in zip(watched, torch.autograd.grad(loss, watched)):
        p.grad = grad
    optimizer.step()
    return loss.item()


def sgd_update(parameters, lr):
    moving = [p for p in parameters if p.grad is not None]
    with torch.no_grad():
        torch._foreach_add_(moving, [p.grad for p in moving], alpha=-lr)
