"""`.mean()` refuses int64 tensors: turn them into floats first, or divide the sum by `numel()`.

`.mean()` 不接受 int64 张量：先转成浮点数，或者用总和除以 `numel()`。
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
            return losses.mean()
    raise ValueError(f"reduction {reduction!r} is none of 'mean', 'sum' and 'none'")


def cross_entropy(logits, target):
    chosen = logits.gather(1, target[:, None]).squeeze(1)  # (N,): the logit of each sample's class
    return (torch.logsumexp(logits, dim=1) - chosen).mean()  # logsumexp subtracts the largest before exp
