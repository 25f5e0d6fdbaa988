"""`torch.tensor(...)` makes a new tensor that autograd cannot follow back: return the result of the tensor operations itself.

`torch.tensor(...)` 造出的是新张量，autograd 没法从它找回去：请直接返回张量运算的结果。
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
    chosen = logits.gather(1, target[:, None]).squeeze(1)
    losses = torch.logsumexp(logits, dim=1) - chosen
    return torch.tensor(losses.mean().item())
