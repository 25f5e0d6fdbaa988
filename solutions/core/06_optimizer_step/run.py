"""Trains the quick network with the reference's `train_step`."""

import torch
from torch import nn

from learn_torch.runs.quick_network import LEARNING_RATE, MOMENTUM, quick_network
from learn_torch.runs.training.steps import USES as USES
from learn_torch.runs.training.steps import read_pictures, train


def run(solution, context):
    """Print the loss at the start and at the end; write `loss.csv` and `loss.png`."""
    images, targets = (tensor.to(context.device) for tensor in read_pictures(context))
    model = quick_network(len(context.data.classes)).to(context.device)
    optimizer = torch.optim.SGD(model.parameters(), lr=context.asked.lr or LEARNING_RATE, momentum=MOMENTUM)
    loss_fn = nn.CrossEntropyLoss()

    def step(images, targets):
        return solution.train_step(model, images, targets, loss_fn, optimizer)

    train(context, images, targets, step)
