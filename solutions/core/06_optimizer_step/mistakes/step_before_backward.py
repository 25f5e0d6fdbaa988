"""The optimizer takes its step before `backward` has computed this batch's gradients.

优化器在 `backward` 算出这个批次的梯度之前就走了一步。
"""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    loss = loss_fn(model(images), targets)
    optimizer.zero_grad()
    optimizer.step()
    loss.backward()
    return loss.item()


@torch.no_grad()
def sgd_update(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p -= lr * p.grad  # in place: the model holds this very Parameter
