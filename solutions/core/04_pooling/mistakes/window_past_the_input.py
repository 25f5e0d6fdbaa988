"""With `ceil_mode`, a last window that starts past the input and its left padding is counted: it would see nothing, and is dropped.

`ceil_mode` 下多算了最后一个窗口：如果它的起点已经超出输入和左侧填充，里面什么也没有，要舍去。
"""

import math

from torch.nn import functional as F


def pooled_size(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    stride = kernel_size if stride is None else stride
    room = size + 2 * padding - kernel_size  # how far the first window can walk
    if not ceil_mode:
        return room // stride + 1
    count = -(-room // stride) + 1  # rounded up: the last window may be incomplete
    return count


def max_pool(x, kernel_size, stride=None, ceil_mode=False):
    return F.max_pool2d(x, kernel_size, stride, ceil_mode=ceil_mode)
