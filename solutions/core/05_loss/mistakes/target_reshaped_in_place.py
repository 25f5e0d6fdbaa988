"""`target.unsqueeze_(1)` reshapes the caller's own tensor: without the underscore it makes another one.

`target.unsqueeze_(1)` 改的是调用者自己的张量：去掉下划线，得到的才是另一个张量。
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
    chosen = logits.gather(1, target.unsqueeze_(1)).squeeze(1)  # (N,): the logit of each sample's class
    return (torch.logsumexp(logits, dim=1) - chosen).mean()  # logsumexp subtracts the largest before exp
