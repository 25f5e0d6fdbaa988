"""The logits go through a softmax before the log-softmax, which contains one already: two are one too many.

logits 先做了一遍 softmax，再做 log-softmax，而后者已经包含 softmax：多做了一遍。
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
    logits = torch.softmax(logits, dim=1)
    chosen = logits.gather(1, target[:, None]).squeeze(1)
    return (torch.logsumexp(logits, dim=1) - chosen).mean()
