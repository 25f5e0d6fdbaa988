"""Builds the layer and looks at what comes out."""

import torch
from torch import nn


def conv_output_shape(input_shape, out_channels, kernel_size, stride=1, padding=0, dilation=1):
    conv = nn.Conv2d(input_shape[1], out_channels, kernel_size, stride, padding, dilation)
    with torch.no_grad():
        return conv(torch.zeros(input_shape)).shape  # a torch.Size is a tuple


def same_padding(kernel_size, dilation=1):
    for padding in range(dilation * kernel_size):
        length = dilation * kernel_size + 1
        if conv_output_shape((1, 1, length, length), 1, kernel_size, 1, padding, dilation)[2] == length:
            return padding
    raise ValueError("no symmetric padding")
