"""Without a stride the window moves on by 1: for pooling, `stride=None` means the kernel size, so that windows lie side by side.

没有给步幅时窗口每次只移动 1：池化里 `stride=None` 表示步幅等于窗口大小，窗口一个挨着一个。
"""

import math

from torch.nn import functional as F


def pooled_size(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    stride = 1 if stride is None else stride
    room = size + 2 * padding - kernel_size  # how far the first window can walk
    if not ceil_mode:
        return room // stride + 1
    count = -(-room // stride) + 1  # rounded up: the last window may be incomplete
    if (count - 1) * stride >= size + padding:  # it would start past the input
        count -= 1
    return count


def max_pool(x, kernel_size, stride=None, ceil_mode=False):
    stride = 1 if stride is None else stride
    covered = [  # what the windows cover: more than there is, or less
        (pooled_size(length, kernel_size, stride, 0, ceil_mode) - 1) * stride + kernel_size
        for length in x.shape[2:]
    ]
    down, right = covered[0] - x.shape[2], covered[1] - x.shape[3]
    x = F.pad(x, (0, right, 0, down), value=-math.inf)  # -inf never wins; a negative number cuts off
    windows = x.unfold(2, kernel_size, stride).unfold(3, kernel_size, stride)
    return windows.amax(dim=(-2, -1))  # (N, C, height, width, kernel, kernel) to (N, C, height, width)
