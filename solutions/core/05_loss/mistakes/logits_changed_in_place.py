"""`-=` writes into the caller's own logits, which autograd forbids where they require gradients: write `logits = logits - ...`.

`-=` 直接改写了调用者的 logits；它们需要梯度时，autograd 也不允许这样做：请写成 `logits = logits - ...`。
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
    logits -= logits.max(dim=1, keepdim=True).values
    chosen = logits.gather(1, target[:, None]).squeeze(1)  # (N,): the logit of each sample's class
    return (torch.logsumexp(logits, dim=1) - chosen).mean()  # logsumexp subtracts the largest before exp
