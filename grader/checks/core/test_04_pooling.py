"""Hidden grader of core/04: sizes and values are those of the judge's own nn.MaxPool2d."""

import math

import torch

from learn_torch.testing import assert_close, assert_value

EXACT_FOR_FLOAT32 = {"rtol": 1e-6, "atol": 0.0}
"""Pooling chooses among the values that are there: only a rounding to float32 may change one."""


# --- pooled_size ----------------------------------------------------------------------------------------------


def layer_size(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    """What a layer makes of one axis; the other one is a single cell."""
    stride = kernel_size if stride is None else stride
    layer = torch.nn.MaxPool2d((kernel_size, 1), (stride, 1), (padding, 0), ceil_mode=ceil_mode)
    return layer(torch.zeros(1, 1, size, 1)).shape[2]


def check_size(submission, size, kernel_size, **settings):
    expected = layer_size(size, kernel_size, **settings)
    assert_value(submission.pooled_size(size, kernel_size, **settings), expected)


def check_sizes(submission, rng, kernel_size, **settings):
    """Every remainder of the division comes up, in some row of the input."""
    first = rng.randint(3, 6) * kernel_size + rng.randint(0, 5)
    for extra in range(settings.get("stride") or kernel_size):
        check_size(submission, first + extra, kernel_size, **settings)


def test_side_by_side(submission, rng):
    check_size(submission, 32, 2)
    for kernel_size in (2, 3, rng.randint(4, 7)):
        check_size(submission, kernel_size, kernel_size)
        check_sizes(submission, rng, kernel_size)
    check_size(submission, rng.randint(5, 9), 1)
    check_size(submission, rng.randint(700, 1000), rng.randint(2, 9))


def test_stride(submission, rng):
    check_size(submission, 32, 3, stride=2)
    for kernel_size, stride in ((3, 1), (3, 2), (5, 3), (2, 3), (3, 5), (1, 2), (rng.randint(6, 7), 4)):
        check_sizes(submission, rng, kernel_size, stride=stride)


def test_padding(submission, rng):
    check_size(submission, 32, 3, stride=2, padding=1)
    for kernel_size, padding in ((2, 1), (3, 1), (4, 1), (4, 2), (7, 3)):
        check_sizes(submission, rng, kernel_size, padding=padding)
        check_sizes(submission, rng, kernel_size, stride=rng.randint(2, 4), padding=padding)


def test_ceil_mode(submission, rng):
    """Padding and stride together no longer than the kernel: every window that counts starts inside."""
    check_size(submission, 32, 3, stride=2, ceil_mode=True)
    for kernel_size, stride in ((2, 2), (3, 2), (3, 1), (5, 3), (5, 2), (7, rng.randint(4, 6))):
        check_sizes(submission, rng, kernel_size, stride=stride, ceil_mode=True)
        check_sizes(submission, rng, kernel_size, stride=stride, ceil_mode=False)
    check_sizes(submission, rng, rng.randint(3, 6), ceil_mode=True)
    for kernel_size, stride, padding in ((3, 2, 1), (5, 3, 2), (6, 3, rng.randint(1, 3))):
        check_sizes(submission, rng, kernel_size, stride=stride, padding=padding, ceil_mode=True)
    # Not even the first window is complete.
    kernel_size = rng.randint(3, 6)
    check_size(submission, kernel_size - 1, kernel_size, ceil_mode=True)
    check_size(submission, kernel_size - 1, kernel_size, stride=2, ceil_mode=True)


def test_window_past_the_input(submission, rng):
    """Last windows that start before the end of the input, right at it, inside and right at the padding's ends."""
    check_size(submission, 7, 1, stride=4, ceil_mode=True)
    for kernel_size, stride in ((1, 3), (2, 3), (2, 5), (3, 7), (rng.randint(2, 4), rng.randint(6, 8))):
        check_sizes(submission, rng, kernel_size, stride=stride, ceil_mode=True)
    for kernel_size, padding in ((2, 1), (3, 1), (4, 2), (5, 1), (7, 3)):
        check_sizes(submission, rng, kernel_size, padding=padding, ceil_mode=True)
        # Just longer than the kernel, and so much longer that a window may end before the padding begins.
        for stride in (kernel_size + 1, kernel_size + rng.randint(2, 4)):
            check_sizes(submission, rng, kernel_size, stride=stride, padding=padding, ceil_mode=True)


def test_all_together(submission, rng):
    """By position, in the order of the statement, and by name in any other."""
    assert_value(submission.pooled_size(33, 3, None, 1, True), layer_size(33, 3, None, 1, True))
    for _ in range(40):
        kernel_size = rng.randint(2, 7)
        stride = rng.choice([None, rng.randint(1, 9)])
        padding = rng.randint(0, kernel_size // 2)
        size = rng.randint(kernel_size, 60)
        ceil_mode = rng.random() < 0.7
        expected = layer_size(size, kernel_size, stride, padding, ceil_mode)
        assert_value(submission.pooled_size(size, kernel_size, stride, padding, ceil_mode), expected)
        named = submission.pooled_size(
            ceil_mode=ceil_mode, padding=padding, stride=stride, kernel_size=kernel_size, size=size
        )
        assert_value(named, expected)


# --- max_pool -------------------------------------------------------------------------------------------------


def pooled(x, kernel_size, stride=None, ceil_mode=False):
    return torch.nn.MaxPool2d(kernel_size, stride, ceil_mode=ceil_mode)(x)


def check_pool(submission, x, kernel_size, dtype=None, **settings):
    expected = pooled(x, kernel_size, **settings)
    actual = submission.max_pool(x, kernel_size, **settings)
    assert_close(actual, expected, dtype=dtype, **EXACT_FOR_FLOAT32)


def a_batch(height, width, dtype=torch.float32):
    """Two samples of three channels, of values around 0."""
    return torch.randn(2, 3, height, width, dtype=dtype)


def test_each_window(submission, rng):
    check_pool(submission, torch.arange(1.0, 25).reshape(1, 1, 4, 6), 2)
    for kernel_size in (1, 2, 3):
        rows = rng.randint(2, 3)
        check_pool(submission, a_batch(rows * kernel_size, (rows + 1) * kernel_size), kernel_size)
    check_pool(submission, a_batch(4, 4), 4)  # a single window
    # Rows and columns that fill no window are left over.
    check_pool(submission, a_batch(7, 9), 2)
    check_pool(submission, a_batch(7, 11), rng.randint(3, 4))


def test_pool_stride(submission, rng):
    for kernel_size, stride in ((3, 1), (3, 2), (2, 3), (1, 2), (2, rng.randint(4, 5))):
        for height in range(5, 8):
            check_pool(submission, a_batch(height, height + 3), kernel_size, stride=stride)
    x = a_batch(6, 9)
    assert_close(submission.max_pool(x, 3, 2), pooled(x, 3, 2), **EXACT_FOR_FLOAT32)


def test_pool_ceil_mode(submission, rng):
    # Incomplete windows at the bottom, at the right, at both, at neither.
    for height in (6, 7):
        for width in (8, 9):
            check_pool(submission, a_batch(height, width), 2, ceil_mode=True)
            check_pool(submission, a_batch(height, width), 3, stride=2, ceil_mode=True)
    check_pool(submission, a_batch(7, 11), rng.randint(3, 5), ceil_mode=True)
    # Windows that would start past the input.
    for height in range(5, 9):
        check_pool(submission, a_batch(height, height + 2), 2, stride=rng.randint(3, 5), ceil_mode=True)
        check_pool(submission, a_batch(height, height + 2), 1, stride=4, ceil_mode=True)
    x = a_batch(6, 8)
    assert_close(submission.max_pool(x, 3, 2, True), pooled(x, 3, 2, True), **EXACT_FOR_FLOAT32)
    assert_close(submission.max_pool(x, 3, None, True), pooled(x, 3, None, True), **EXACT_FOR_FLOAT32)


def test_negative_values(submission):
    for ceil_mode in (False, True):
        for kernel_size, stride in ((2, None), (3, 2), (2, 3)):
            x = -3 - a_batch(7, 10).abs()
            check_pool(submission, x, kernel_size, stride=stride, ceil_mode=ceil_mode)


def test_minus_infinity(submission):
    for dtype in (torch.float32, torch.float64):
        for ceil_mode in (False, True):
            x = a_batch(7, 9, dtype)
            x[0, :, 2:6, 2:6] = -math.inf  # whole windows, in the middle
            x[1, :, 6:, :] = x[1, :, :, 8:] = -math.inf  # whole incomplete windows, at the border
            x[1, :, 0, :] = -math.inf  # some values of a window
            check_pool(submission, x, 2, ceil_mode=ceil_mode)
            check_pool(submission, x, 3, stride=2, ceil_mode=ceil_mode)
            x = torch.finfo(dtype).min * (0.5 + 0.4 * torch.rand(1, 2, 5, 7, dtype=dtype))
            check_pool(submission, x, 2, ceil_mode=ceil_mode)


def test_dtype(submission):
    for dtype, large in ((torch.float32, 1e30), (torch.float64, 1e200)):
        for ceil_mode in (False, True):
            x = large * a_batch(7, 9, dtype)
            check_pool(submission, x, 2, dtype=dtype, ceil_mode=ceil_mode)
            check_pool(submission, x, 3, dtype=dtype, stride=2, ceil_mode=ceil_mode)
