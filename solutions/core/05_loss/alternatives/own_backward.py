"""The gradient of cross-entropy by its formula, in an autograd function; the others without abs and powers."""

import torch


class CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, target):
        log_p = logits - torch.logsumexp(logits, dim=1, keepdim=True)
        rows = torch.arange(len(target))
        ctx.save_for_backward(log_p, target)
        return -log_p[rows, target].mean()

    @staticmethod
    def backward(ctx, grad_output):
        log_p, target = ctx.saved_tensors
        gradient = log_p.exp()
        gradient[torch.arange(len(target)), target] -= 1
        return grad_output * gradient / len(target), None


def cross_entropy(logits, target):
    return CrossEntropy.apply(logits, target)


def total_or_all(losses, reduction):
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    if reduction == "mean":
        return losses.mean(dtype=None if losses.is_floating_point() else torch.float32)
    raise ValueError(reduction)


def l1_loss(prediction, target, reduction="mean"):
    larger, smaller = torch.maximum(prediction, target), torch.minimum(prediction, target)
    return total_or_all(larger - smaller, reduction)


def mse_loss(prediction, target, reduction="mean"):
    difference = target - prediction
    return total_or_all(difference * difference, reduction=reduction)
