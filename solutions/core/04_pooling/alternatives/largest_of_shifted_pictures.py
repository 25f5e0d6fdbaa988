import math

import torch


def pooled_size(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    stride = kernel_size if stride is None else stride
    last = size + 2 * padding - kernel_size
    if ceil_mode:
        last += stride - 1
    windows = last // stride + 1
    return windows - int(ceil_mode and (windows - 1) * stride >= size + padding)


def max_pool(x, kernel_size, stride=None, ceil_mode=False):
    stride = kernel_size if stride is None else stride
    h, w = (pooled_size(length, kernel_size, stride, 0, ceil_mode) for length in x.shape[-2:])
    wide = x.new_full((*x.shape[:2], h * stride + kernel_size, w * stride + kernel_size), -math.inf)
    rows, columns = min(x.shape[2], wide.shape[2]), min(x.shape[3], wide.shape[3])
    wide[:, :, :rows, :columns] = x[:, :, :rows, :columns]
    result = x.new_full((*x.shape[:2], h, w), -math.inf)
    for i in range(kernel_size):
        for j in range(kernel_size):
            shifted = wide[:, :, i : i + h * stride : stride, j : j + w * stride : stride]
            result = torch.maximum(result, shifted)
    return result
