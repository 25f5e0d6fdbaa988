"""Sums from norms, and cross-entropy as what a categorical distribution says of the targets."""

from enum import Enum

import torch
from torch.distributions import Categorical


class Reduction(Enum):
    MEAN = "mean"
    SUM = "sum"
    NONE = "none"


def norm_loss(prediction, target, power, reduction):
    kind = Reduction(reduction)  # an Enum raises ValueError for what it does not have
    difference = (prediction - target).to(torch.float64)
    if kind is Reduction.NONE:
        return difference.abs() ** power
    total = torch.linalg.vector_norm(difference, ord=power) ** power
    return total / difference.numel() if kind is Reduction.MEAN else total


def l1_loss(prediction, target, reduction="mean"):
    return norm_loss(prediction, target, 1, reduction)


def mse_loss(prediction, target, reduction="mean"):
    return norm_loss(prediction, target, 2, reduction)


def cross_entropy(logits, target):
    return -Categorical(logits=logits).log_prob(target).mean()
