"""The loss comes back as a tensor, which keeps the whole graph of the batch alive: `loss.item()` makes a Python float of it.

返回的损失是张量，它会让整个批次的计算图一直留在内存里：用 `loss.item()` 把它变成 Python 的 float。
"""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    loss = loss_fn(model(images), targets)  # a scalar
    optimizer.zero_grad()  # backward adds to the gradients that are there
    loss.backward()
    optimizer.step()
    return loss


@torch.no_grad()
def sgd_update(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p -= lr * p.grad  # in place: the model holds this very Parameter
