"""Hands the optimizer a closure, which computes loss and gradients when asked; updates with sub_."""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    def closure():
        optimizer.zero_grad(set_to_none=False)
        loss = loss_fn(model(images), targets)
        loss.backward()
        return loss

    return float(optimizer.step(closure))  # step returns what the closure did


def sgd_update(parameters, lr):
    with torch.no_grad():
        for parameter in parameters:
            if parameter.grad is None:
                continue
            parameter.sub_(parameter.grad, alpha=lr)
