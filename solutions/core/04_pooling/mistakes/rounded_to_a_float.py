"""The size is a float, 16.0: `math.floor` and `int` make an int, `torch.floor` and `np.floor` do not.

大小是浮点数 16.0：`math.floor` 和 `int` 得到 int，`torch.floor`、`np.floor` 则不是。
"""

import math

from torch.nn import functional as F


def pooled_size(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    return float(_size(size, kernel_size, stride, padding, ceil_mode))


def _size(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    stride = kernel_size if stride is None else stride
    room = size + 2 * padding - kernel_size  # how far the first window can walk
    if not ceil_mode:
        return room // stride + 1
    count = -(-room // stride) + 1  # rounded up: the last window may be incomplete
    if (count - 1) * stride >= size + padding:  # it would start past the input
        count -= 1
    return count


def max_pool(x, kernel_size, stride=None, ceil_mode=False):
    stride = kernel_size if stride is None else stride
    covered = [  # what the windows cover: more than there is, or less
        (_size(length, kernel_size, stride, 0, ceil_mode) - 1) * stride + kernel_size
        for length in x.shape[2:]
    ]
    down, right = covered[0] - x.shape[2], covered[1] - x.shape[3]
    x = F.pad(x, (0, right, 0, down), value=-math.inf)  # -inf never wins; a negative number cuts off
    windows = x.unfold(2, kernel_size, stride).unfold(3, kernel_size, stride)
    return windows.amax(dim=(-2, -1))  # (N, C, height, width, kernel, kernel) to (N, C, height, width)
