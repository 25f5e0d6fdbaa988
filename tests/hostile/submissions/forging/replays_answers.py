"""Remembers what it was asked and answers the next call with the answer to the one before."""

import math

asked = []


def conv_output_shape(input_shape, out_channels, kernel_size, stride=1, padding=0, dilation=1):
    asked.append((input_shape, out_channels, kernel_size, stride, padding, dilation))
    n, _c, h, w = asked[max(len(asked) - 2, 0)][0]
    return (n, out_channels, math.floor(h), math.floor(w))


def same_padding(kernel_size, dilation=1):
    asked.append(kernel_size)
    return asked[0]
