"""Compares the reference's losses with torch's on a batch, then trains the quick network with its `cross_entropy`."""

import torch
from torch.nn import functional

from learn_torch.language import _
from learn_torch.runs.quick_network import BATCH_SIZE, LEARNING_RATE, MOMENTUM, quick_network
from learn_torch.runs.training.steps import USES as USES
from learn_torch.runs.training.steps import read_pictures, train


def run(solution, context):
    """Print the losses side by side, and the loss at the start and at the end; write `loss.csv` and `loss.png`."""
    images, targets = (tensor.to(context.device) for tensor in read_pictures(context))
    model = quick_network(len(context.data.classes)).to(context.device)
    chosen = torch.randperm(len(targets))[:BATCH_SIZE].to(context.device)
    context.say(_("losses of the untrained network on {n} pictures:").format(n=len(chosen)))
    with torch.no_grad():
        compare(solution, context, model(images[chosen]), targets[chosen])

    optimizer = torch.optim.SGD(model.parameters(), lr=context.asked.lr or LEARNING_RATE, momentum=MOMENTUM)

    def step(images, targets):
        loss = solution.cross_entropy(model(images), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    train(context, images, targets, step)


def compare(solution, context, logits, targets):
    """Print a row for each loss. Those of differences compare the probabilities with 1 for the right class, else 0."""
    probabilities = logits.softmax(dim=1)
    one_hot = functional.one_hot(targets, logits.shape[1]).to(logits.dtype)
    rows = []
    for name, inputs, wanted in (
        ("l1_loss", probabilities, one_hot),
        ("mse_loss", probabilities, one_hot),
        ("cross_entropy", logits, targets),
    ):
        ours = getattr(solution, name)(inputs, wanted).item()
        torchs = getattr(functional, name)(inputs, wanted).item()
        rows.append((name, f"{ours:.6f}", f"{torchs:.6f}", f"{abs(ours - torchs):.1e}"))
    context.table((_("loss"), _("the reference's"), _("torch's"), _("difference")), rows)
