"""The output goes through a softmax before the loss: `loss_fn` gets it as the model gives it, and cross-entropy does its own softmax.

模型输出先过了一遍 softmax 才算损失：应把模型的原样输出交给 `loss_fn`，交叉熵自己会做 softmax。
"""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    loss = loss_fn(model(images).softmax(dim=1), targets)  # a scalar
    optimizer.zero_grad()  # backward adds to the gradients that are there
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.no_grad()
def sgd_update(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p -= lr * p.grad  # in place: the model holds this very Parameter
