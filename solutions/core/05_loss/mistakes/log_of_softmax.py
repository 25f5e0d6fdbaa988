"""The logarithm is taken of the softmax, which is 0 or rounds to it where logits are far apart: `torch.log_softmax` or `torch.logsumexp` never make that 0.

对 softmax 的结果取了对数，而 logits 相差很大时它会变成 0：`torch.log_softmax` 或 `torch.logsumexp` 不会产生这个 0。
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
    probabilities = torch.softmax(logits, dim=1)
    return -torch.log(probabilities.gather(1, target[:, None])).mean()
