"""Trains the reference's network by the reference's `train_one_epoch` and `evaluate`, epoch by epoch."""

from learn_torch.runs.training.by_epochs import USES as USES
from learn_torch.runs.training.by_epochs import train_by_epochs


def run(solution, context):
    """Print a line for each epoch; write `model.pt`, `checkpoint.pt`, `metrics.json` and TensorBoard's files."""
    return train_by_epochs(solution, solution.Cifar10Net(), 10, context)
