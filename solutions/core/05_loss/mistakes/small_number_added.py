"""A small number is added to the probability before the logarithm: nothing is infinite any more, but large losses come out far too small. Use `torch.log_softmax`.

取对数之前给概率加了一个很小的数：虽然不再有无穷大，但大的损失会变得小得多。请用 `torch.log_softmax`。
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
    return -torch.log(probabilities.gather(1, target[:, None]) + 1e-9).mean()
