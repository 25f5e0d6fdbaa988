"""The gradients are cleared only after the step: what was left over before the call still leaks into it. Call `zero_grad` before `backward`.

只在更新之后才清零梯度：调用之前留下的梯度仍会混进这一步。请在 `backward` 之前调用 `zero_grad`。
"""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    loss = loss_fn(model(images), targets)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


@torch.no_grad()
def sgd_update(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p -= lr * p.grad  # in place: the model holds this very Parameter
