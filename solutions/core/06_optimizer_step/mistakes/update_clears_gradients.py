"""`sgd_update` clears the gradients: they are to stay as they are, clearing them is the training step's business.

`sgd_update` 把梯度清掉了：梯度应保持不变，清零是训练步骤的事。
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
        if p.grad is not None:
            p -= lr * p.grad
            p.grad.zero_()
