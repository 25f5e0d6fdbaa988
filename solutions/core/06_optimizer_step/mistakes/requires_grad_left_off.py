"""`requires_grad` is switched off for the update and never on again: from then on the parameter does not learn. Use `with torch.no_grad():` instead.

更新时关掉了 `requires_grad`，却没有再打开：此后参数就不再学习了。请改用 `with torch.no_grad():`。
"""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    loss = loss_fn(model(images), targets)  # a scalar
    optimizer.zero_grad()  # backward adds to the gradients that are there
    loss.backward()
    optimizer.step()
    return loss.item()


def sgd_update(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p.requires_grad = False
            p -= lr * p.grad  # in place: the model holds this very Parameter
