"""Answers with ints of a hundred thousand digits, and slices and ranges of them."""

import sys

sys.set_int_max_str_digits(0)
HUGE = 10**15000


def conv_output_shape(shape, *args, **kwargs):
    return (HUGE, -HUGE, slice(HUGE, HUGE), 10**300_000) if shape[0] == 1 else slice(HUGE, None, HUGE)


def same_padding(kernel_size, dilation=1):
    return HUGE if dilation == 1 else range(-(2**62), 2**62)
