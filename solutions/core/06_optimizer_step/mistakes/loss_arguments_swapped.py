"""The arguments of `loss_fn` are swapped: first the model's output, then the targets.

`loss_fn` 的参数弄反了：先是模型的输出，再是目标。
"""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    loss = loss_fn(targets, model(images))  # a scalar
    optimizer.zero_grad()  # backward adds to the gradients that are there
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.no_grad()
def sgd_update(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p -= lr * p.grad  # in place: the model holds this very Parameter
