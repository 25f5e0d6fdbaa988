"""What comes back is a pair, the values and where they were found: only the values are asked for.

返回的是一对：最大值和它们的位置；只要最大值。
"""

import math

from torch.nn import functional as F


def pooled_size(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    stride = kernel_size if stride is None else stride
    room = size + 2 * padding - kernel_size  # how far the first window can walk
    if not ceil_mode:
        return room // stride + 1
    count = -(-room // stride) + 1  # rounded up: the last window may be incomplete
    if (count - 1) * stride >= size + padding:  # it would start past the input
        count -= 1
    return count


def max_pool(x, kernel_size, stride=None, ceil_mode=False):
    return F.max_pool2d(x, kernel_size, stride, ceil_mode=ceil_mode, return_indices=True)
