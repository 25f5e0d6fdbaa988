"""`sgd_update` leaves the work to `torch.optim`: here it is to be written by hand.

`sgd_update` 把活儿交给了 `torch.optim`：这里要求亲手写出来。
"""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    loss = loss_fn(model(images), targets)  # a scalar
    optimizer.zero_grad()  # backward adds to the gradients that are there
    loss.backward()
    optimizer.step()
    return loss.item()


def sgd_update(parameters, lr):
    torch.optim.SGD(parameters, lr=lr).step()
