"""Only the width is pooled: the window goes over rows, too.

只在宽度方向上做了池化：窗口也要覆盖行。
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
    return F.max_pool2d(x, (1, kernel_size), (1, stride or kernel_size), ceil_mode=ceil_mode)
