"""A parameter without a gradient has `p.grad` `None`, which nothing can be multiplied by: leave such parameters out.

没有梯度的参数 `p.grad` 是 `None`，不能拿来做乘法：请跳过这样的参数。
"""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    loss = loss_fn(model(images), targets)  # a scalar
    optimizer.zero_grad()  # backward adds to the gradients that are there
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.no_grad()
def sgd_update(parameters, lr):
    for p in parameters:
        p -= lr * p.grad  # in place: the model holds this very Parameter
