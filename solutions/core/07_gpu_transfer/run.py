"""Trains the quick network on the chosen device, with the reference's functions to get everything there."""

from collections import Counter

import torch
from torch import nn

from learn_torch.language import _
from learn_torch.runs.quick_network import LEARNING_RATE, MOMENTUM, quick_network
from learn_torch.runs.training.steps import USES as USES
from learn_torch.runs.training.steps import read_pictures, train


def run(solution, context):
    """Print what lies where, and the loss at the start and at the end; write `loss.csv` and `loss.png`."""
    device = solution.pick_device(str(context.device))
    images, targets = read_pictures(context)
    classes = len(context.data.classes)
    model = quick_network(classes)
    optimizer = torch.optim.SGD(model.parameters(), lr=context.asked.lr or LEARNING_RATE, momentum=MOMENTUM)
    # Class weights are tensors of the loss function's own: left behind, they are a well-known crash. The rarer a
    # class, the more it weighs.
    counts = torch.bincount(targets, minlength=classes).clamp(min=1)
    loss_fn = nn.CrossEntropyLoss(weight=counts.sum() / (classes * counts))

    def step(images, targets):
        batch = solution.to_device({"images": images, "targets": targets}, device)
        return solution.train_step_on(device, model, batch["images"], batch["targets"], loss_fn, optimizer)

    train(context, images, targets, step)
    where = Counter(str(tensor.device) for tensor in (*model.parameters(), *loss_fn.buffers()))
    for place, count in where.items():
        context.say(_("{n} parameters and class weights on {device}").format(n=count, device=place))
