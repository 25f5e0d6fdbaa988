"""Optimizer step. `learn show 06` shows the statement, `learn check 06` checks this file."""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    """Take one optimization step on one batch.

    images: what the model is called with. targets: what `loss_fn(output, target)` compares its output with.
    optimizer: holds the model's parameters; gradients from earlier batches may be left in them.
    Returns the loss of the batch before the step, as a Python float.
    """
    # TODO: loss, gradients, step
    raise NotImplementedError


def sgd_update(parameters, lr):
    """Plain SGD by hand, without torch.optim: p becomes p - lr * p.grad.

    parameters: nn.Parameters; maybe a generator, such as model.parameters(). Changed in place.
    lr: the learning rate, a float.
    """
    # TODO: change every parameter that has a gradient, without autograd recording it
    raise NotImplementedError
