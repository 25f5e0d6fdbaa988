"""The padding is not used: it makes the input longer, on both sides.

没有用到填充：填充会让输入两边都变长。
"""

import math

from torch.nn import functional as F


def pooled_size(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    stride = kernel_size if stride is None else stride
    room = size - kernel_size  # how far the first window can walk
    if not ceil_mode:
        return room // stride + 1
    count = -(-room // stride) + 1  # rounded up: the last window may be incomplete
    if (count - 1) * stride >= size:  # it would start past the input
        count -= 1
    return count


def max_pool(x, kernel_size, stride=None, ceil_mode=False):
    stride = kernel_size if stride is None else stride
    covered = [  # what the windows cover: more than there is, or less
        (pooled_size(length, kernel_size, stride, 0, ceil_mode) - 1) * stride + kernel_size
        for length in x.shape[2:]
    ]
    down, right = covered[0] - x.shape[2], covered[1] - x.shape[3]
    x = F.pad(x, (0, right, 0, down), value=-math.inf)  # -inf never wins; a negative number cuts off
    windows = x.unfold(2, kernel_size, stride).unfold(3, kernel_size, stride)
    return windows.amax(dim=(-2, -1))  # (N, C, height, width, kernel, kernel) to (N, C, height, width)
