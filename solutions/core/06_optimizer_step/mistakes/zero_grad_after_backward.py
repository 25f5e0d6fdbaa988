"""The gradients are cleared between `backward` and `step`: the optimizer finds nothing to move by. Clear them before `backward`.

在 `backward` 和 `step` 之间清零了梯度：优化器没有梯度可用。请在 `backward` 之前清零。
"""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    loss = loss_fn(model(images), targets)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@torch.no_grad()
def sgd_update(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p -= lr * p.grad  # in place: the model holds this very Parameter
