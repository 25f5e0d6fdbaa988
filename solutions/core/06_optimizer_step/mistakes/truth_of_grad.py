"""`if p.grad:` asks a whole tensor whether it is true, which has no answer: compare with `None`, `if p.grad is not None:`.

`if p.grad:` 是在问整个张量是真是假，这没有答案：应当和 `None` 比较，`if p.grad is not None:`。
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
        if p.grad:
            p -= lr * p.grad  # in place: the model holds this very Parameter
