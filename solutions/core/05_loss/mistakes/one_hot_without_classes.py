"""`one_hot(target)` is only as wide as the largest class in the batch: tell it the number of classes, `logits.shape[1]`.

`one_hot(target)` 的宽度只到这个批次里最大的类别：要告诉它类别数 `logits.shape[1]`。
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
    one_hot = torch.nn.functional.one_hot(target)
    return -(one_hot * torch.log_softmax(logits, dim=1)).sum(dim=1).mean()
