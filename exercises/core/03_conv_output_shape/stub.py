"""Convolution output shape. `learn show 03` shows the statement, `learn check 03` checks this file."""

import torch


def conv_output_shape(input_shape, out_channels, kernel_size, stride=1, padding=0, dilation=1):
    """The shape that nn.Conv2d gives for an input of shape (N, C, H, W).

    kernel_size, stride, padding and dilation: one int for both axes, or a tuple (height, width).
    Returns a tuple of four ints: (N, out_channels, height, width).
    """
    # TODO: work out height and width
    raise NotImplementedError


def same_padding(kernel_size, dilation=1):
    """The padding (an int) that keeps height and width at stride 1. Raises ValueError where there is none."""
    # TODO: solve the rule for the padding
    raise NotImplementedError
