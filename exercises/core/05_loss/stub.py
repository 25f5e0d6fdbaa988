"""Loss functions. `learn show 05` shows the statement, `learn check 05` checks this file."""

import torch


def l1_loss(prediction, target, reduction="mean"):
    """The absolute differences between two tensors of the same shape.

    reduction: "mean" (over all elements), "sum", or "none" (a loss for each element). Anything else: ValueError.
    Returns a tensor, through which autograd finds its way back to `prediction`.
    """
    # TODO: differences, then the reduction; int64 tensors are to work, too
    raise NotImplementedError


def mse_loss(prediction, target, reduction="mean"):
    """As l1_loss, of the squared differences."""
    # TODO: differences, then the reduction
    raise NotImplementedError


def cross_entropy(logits, target):
    """The mean over the batch of -log softmax(logits)[target].

    logits: float, (N, C). target: int64, (N,), each 0 to C - 1.
    Returns a scalar tensor, finite for logits of ±1000, too.
    """
    # TODO: log-softmax without overflow, the entry of each sample's class, the mean
    raise NotImplementedError
