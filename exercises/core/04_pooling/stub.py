"""Pooling. `learn show 04` shows the statement, `learn check 04` checks this file."""

import torch


def pooled_size(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    """How many windows lie along one axis.

    size: the length of the input. kernel_size: the length of a window. All lengths are ints.
    stride: how far apart windows start; None for kernel_size. padding: on each side of the input.
    ceil_mode: whether a last window that is not full counts.
    Returns an int.
    """
    # TODO: count the windows
    raise NotImplementedError


def max_pool(x, kernel_size, stride=None, ceil_mode=False):
    """The largest value of each window.

    x: float32 or float64, of shape (N, C, H, W). kernel_size, stride: ints, the same for height and width.
    Returns a tensor (N, C, pooled H, pooled W) of x's dtype.
    """
    # TODO: the largest value of each window
    raise NotImplementedError
