"""The model is put into training mode: the caller decides on the mode, the step leaves it alone.

把模型切换到了训练模式：模式由调用者决定，这一步不要改它。
"""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    model.train()
    loss = loss_fn(model(images), targets)  # a scalar
    optimizer.zero_grad()  # backward adds to the gradients that are there
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.no_grad()
def sgd_update(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p -= lr * p.grad  # in place: the model holds this very Parameter
