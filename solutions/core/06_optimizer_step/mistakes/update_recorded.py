"""Autograd watches the update, and forbids it to change a parameter in place: do it inside `with torch.no_grad():`.

更新处在 autograd 的监视之下，而 autograd 不允许原地修改参数：请写在 `with torch.no_grad():` 里面。
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
            p -= lr * p.grad  # in place: the model holds this very Parameter
