"""The loss is computed again after the step: to be returned is the one that led to it.

更新之后又算了一遍损失：应当返回的是更新之前、引出这一步的那个损失。
"""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    loss = loss_fn(model(images), targets)  # a scalar
    optimizer.zero_grad()  # backward adds to the gradients that are there
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        return loss_fn(model(images), targets).item()


@torch.no_grad()
def sgd_update(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p -= lr * p.grad  # in place: the model holds this very Parameter
