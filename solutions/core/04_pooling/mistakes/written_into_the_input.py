"""The result is written into `x` itself, which the caller may still need: write into a new tensor instead, such as `x.new_empty(...)`.

结果直接写进了 `x`，而调用者可能还要用它：应当写进新的张量，比如 `x.new_empty(...)`。
"""


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
    stride = kernel_size if stride is None else stride
    rows, columns = (pooled_size(length, kernel_size, stride, 0, ceil_mode) for length in x.shape[2:])
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            x[:, :, i, j] = x[:, :, top : top + kernel_size, left : left + kernel_size].amax(dim=(-2, -1))
    return x[:, :, :rows, :columns]
