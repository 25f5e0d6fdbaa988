"""The differences keep their sign, so that too much and too little cancel out: take the absolute value of each, `.abs()`.

差保留了正负号，偏大和偏小会互相抵消：请对每个差取绝对值 `.abs()`。
"""

import torch


def l1_loss(prediction, target, reduction="mean"):
    return reduced(prediction - target, reduction)


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
    chosen = logits.gather(1, target[:, None]).squeeze(1)  # (N,): the logit of each sample's class
    return (torch.logsumexp(logits, dim=1) - chosen).mean()  # logsumexp subtracts the largest before exp
