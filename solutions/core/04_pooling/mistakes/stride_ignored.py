"""The stride is not used: windows move on by the kernel size whatever is asked for.

没有用到步幅：不管要求多少，窗口都按窗口大小移动。
"""

import math

from torch.nn import functional as F


def pooled_size(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    stride = kernel_size
    room = size + 2 * padding - kernel_size  # how far the first window can walk
    if not ceil_mode:
        return room // stride + 1
    count = -(-room // stride) + 1  # rounded up: the last window may be incomplete
    if (count - 1) * stride >= size + padding:  # it would start past the input
        count -= 1
    return count


def max_pool(x, kernel_size, stride=None, ceil_mode=False):
    stride = kernel_size
    covered = [  # what the windows cover: more than there is, or less
        (pooled_size(length, kernel_size, stride, 0, ceil_mode) - 1) * stride + kernel_size
        for length in x.shape[2:]
    ]
    down, right = covered[0] - x.shape[2], covered[1] - x.shape[3]
    x = F.pad(x, (0, right, 0, down), value=-math.inf)  # -inf never wins; a negative number cuts off
    windows = x.unfold(2, kernel_size, stride).unfold(3, kernel_size, stride)
    return windows.amax(dim=(-2, -1))  # (N, C, height, width, kernel, kernel) to (N, C, height, width)
