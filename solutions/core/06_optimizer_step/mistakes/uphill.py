"""`sgd_update` moves along the gradient, where the loss grows: subtract `lr * p.grad`.

`sgd_update` 沿着梯度方向走，损失会越来越大：应当减去 `lr * p.grad`。
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
            p += lr * p.grad  # in place: the model holds this very Parameter
