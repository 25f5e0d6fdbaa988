import torch


def pooled_size(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    """Walk along the axis and count the windows."""
    if stride is None:
        stride = kernel_size
    count = 0
    start = -padding
    while start + kernel_size <= size + padding:
        count += 1
        start += stride
    left_over = start - stride + kernel_size < size + padding
    if ceil_mode and left_over and start < size:
        count += 1
    return count


def max_pool(x, kernel_size, stride=None, ceil_mode=False):
    stride = stride or kernel_size
    n, c, h, w = x.shape
    rows = pooled_size(h, kernel_size, stride, ceil_mode=ceil_mode)
    columns = pooled_size(w, kernel_size, stride, ceil_mode=ceil_mode)
    out = torch.empty(n, c, rows, columns, dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            window = x[:, :, top : top + kernel_size, left : left + kernel_size]
            out[:, :, i, j] = window.flatten(2).max(dim=2).values
    return out
