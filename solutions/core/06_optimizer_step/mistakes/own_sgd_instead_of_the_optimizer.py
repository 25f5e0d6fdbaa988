"""The weights are moved by hand with the optimizer's learning rate: momentum, Adam and the like have rules of their own, so call `optimizer.step()`.

用优化器的学习率手动更新了权重：动量、Adam 等各有自己的规则，请调用 `optimizer.step()`。
"""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    loss = loss_fn(model(images), targets)  # a scalar
    optimizer.zero_grad()  # backward adds to the gradients that are there
    loss.backward()
    sgd_update(model.parameters(), optimizer.param_groups[0]["lr"])
    return loss.item()


@torch.no_grad()
def sgd_update(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p -= lr * p.grad  # in place: the model holds this very Parameter
