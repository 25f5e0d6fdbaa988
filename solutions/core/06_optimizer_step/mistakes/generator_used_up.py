"""`parameters` is gone through twice: a generator such as `model.parameters()` is empty the second time.

把 `parameters` 遍历了两遍：`model.parameters()` 这样的生成器，第二遍就空了。
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
    gradients = [p.grad for p in parameters]
    for p, grad in zip(parameters, gradients):
        if grad is not None:
            p -= lr * grad
