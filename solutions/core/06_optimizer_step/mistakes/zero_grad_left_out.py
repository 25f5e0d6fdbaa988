"""The gradients of earlier batches are still there, and `backward` adds to them: call `optimizer.zero_grad()` before `backward`.

以前批次的梯度还在，`backward` 会继续往上加：请在 `backward` 之前调用 `optimizer.zero_grad()`。
"""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    loss = loss_fn(model(images), targets)  # a scalar
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.no_grad()
def sgd_update(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p -= lr * p.grad  # in place: the model holds this very Parameter
