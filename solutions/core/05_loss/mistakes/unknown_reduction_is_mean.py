"""Whatever is neither "sum" nor "none" counts as "mean", a misspelt one too: raise `ValueError` for it.

凡不是 "sum" 或 "none" 的都当成 "mean"，写错的也不例外：应当抛出 `ValueError`。
"""

import torch


def l1_loss(prediction, target, reduction="mean"):
    return reduced((prediction - target).abs(), reduction)


def mse_loss(prediction, target, reduction="mean"):
    return reduced((prediction - target) ** 2, reduction)


def reduced(losses, reduction):
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    return losses.sum() / losses.numel()


def cross_entropy(logits, target):
    chosen = logits.gather(1, target[:, None]).squeeze(1)  # (N,): the logit of each sample's class
    return (torch.logsumexp(logits, dim=1) - chosen).mean()  # logsumexp subtracts the largest before exp
