"""The largest logit of the whole batch is subtracted, and rows far below it become log 0: subtract from each row its own largest.

减去的是整个批次的最大值，远低于它的行就变成了 log 0：每一行应减去自己的最大值。
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
    logits = logits - logits.max()
    chosen = logits.gather(1, target[:, None]).squeeze(1)
    return (logits.exp().sum(dim=1).log() - chosen).mean()
