"""Autograd is switched off for the update and never on again, so that the next `backward` fails: `with torch.no_grad():` switches it back.

更新时关掉了 autograd，却没有再打开，下一次 `backward` 就会出错：`with torch.no_grad():` 会自动恢复。
"""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    loss = loss_fn(model(images), targets)  # a scalar
    optimizer.zero_grad()  # backward adds to the gradients that are there
    loss.backward()
    optimizer.step()
    return loss.item()


def sgd_update(parameters, lr):
    torch.set_grad_enabled(False)
    for p in parameters:
        if p.grad is not None:
            p -= lr * p.grad  # in place: the model holds this very Parameter
