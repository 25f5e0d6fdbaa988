"""`p = p - lr * p.grad` makes a new tensor and gives it the name `p`; the model's parameter is as before. Change it in place: `p -= ...`.

`p = p - lr * p.grad` 造了一个新张量，再把名字 `p` 给它，模型的参数却没有变。请原地修改：`p -= ...`。
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
        if p.grad is not None:
            p = p - lr * p.grad
