"""With one-hot targets, the mean runs over all N × C entries, most of which are 0: sum over the classes, then take the mean over the N samples.

用 one-hot 目标时，对全部 N × C 个元素求了平均，而其中大多是 0：应先对类别求和，再对 N 个样本求平均。
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
    one_hot = torch.nn.functional.one_hot(target, logits.shape[1])
    return -(one_hot * torch.log_softmax(logits, dim=1)).mean()
