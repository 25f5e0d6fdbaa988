"""The model is put into training mode for the step and back afterwards: the loss is then not that of the mode which the caller chose.

这一步里临时切换到了训练模式，之后再切回去：这样算出的损失就不是调用者所选模式下的了。
"""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    was = [(module, module.training) for module in model.modules()]
    model.train()
    loss = loss_fn(model(images), targets)  # a scalar
    for module, training in was:
        module.training = training
    optimizer.zero_grad()  # backward adds to the gradients that are there
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.no_grad()
def sgd_update(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p -= lr * p.grad  # in place: the model holds this very Parameter
