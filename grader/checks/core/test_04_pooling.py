"""Hidden grader of core/04: sizes and values are those of the judge's own nn.MaxPool2d."""

import math

import pytest
import torch

from learn_torch.language import _
from learn_torch.testing import assert_close, assert_value

EXACT_FOR_FLOAT32 = {"rtol": 1e-6, "atol": 0.0}
"""Pooling chooses among the values that are there: only a rounding to float32 may change one."""


def in_some_style(rng, defaults, settings):
    """Some settings by position, the others by name, in any order: what stands after `*` and `**` in a call."""
    first = list(defaults)[: rng.choice((0, 0, *range(1, len(defaults) + 1))) if settings else 0]
    others = [name for name in settings if name not in first]
    by_position = [settings.get(name, defaults[name]) for name in first]
    return by_position, {name: settings[name] for name in rng.sample(others, len(others))}


# --- pooled_size ----------------------------------------------------------------------------------------------


def layer_size(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    """What a layer makes of one axis; the other one is a single cell."""
    stride = kernel_size if stride is None else stride
    layer = torch.nn.MaxPool2d((kernel_size, 1), (stride, 1), (padding, 0), ceil_mode=ceil_mode)
    return layer(torch.zeros(1, 1, size, 1)).shape[2]


@pytest.fixture
def check_size(submission, rng):
    """Asks for the size that these arguments give, the settings by position or by name."""

    def check(size, kernel_size, **settings):
        expected = layer_size(size, kernel_size, **settings)
        by_position, by_name = in_some_style(
            rng, {"stride": None, "padding": 0, "ceil_mode": False}, settings
        )
        assert_value(submission.pooled_size(size, kernel_size, *by_position, **by_name), expected)

    return check


@pytest.fixture
def check_sizes(check_size, rng):
    """Asks for several sizes: every remainder of the division by a short step, and of a long one some."""

    def check(kernel_size, **settings):
        first = rng.choice((rng.randint(3, 6), rng.randint(7, 40))) * kernel_size + rng.randint(0, 5)
        step = settings.get("stride") or kernel_size
        for extra in rng.sample(range(step), min(step, 5)):
            check_size(first + extra, kernel_size, **settings)

    return check


def test_side_by_side(check_size, check_sizes, rng):
    check_size(32, 2)
    for kernel_size in rng.sample((2, 3, rng.randint(4, 7), rng.randint(8, 80)), 4):
        check_size(kernel_size, kernel_size)
        check_sizes(kernel_size)
    check_size(rng.randint(5, 9), 1)
    check_size(rng.randint(700, 5000), rng.randint(2, 90))


def test_stride(check_size, check_sizes, rng):
    check_size(32, 3, stride=2)
    drawn = [(rng.randint(4, 9), rng.randint(2, 5)), (rng.randint(8, 60), rng.randint(6, 70))]
    for kernel_size, stride in rng.sample([(3, 1), (3, 2), (5, 3), (2, 3), (3, 5), (1, 2), *drawn], 8):
        check_sizes(kernel_size, stride=stride)


def test_padding(check_size, check_sizes, rng):
    check_size(32, 3, stride=2, padding=1)
    large = rng.randint(8, 60)
    for kernel_size, padding in ((2, 1), (3, 1), (4, 2), (7, 3), (large, rng.randint(2, large // 2))):
        check_sizes(kernel_size, padding=padding)
        check_sizes(kernel_size, stride=rng.randint(2, 4), padding=padding)


def test_ceil_mode(check_size, check_sizes, rng):
    """Padding and stride together no longer than the kernel: every window that counts starts inside."""
    check_size(32, 3, stride=2, ceil_mode=True)
    large = rng.randint(10, 60)
    drawn = [(7, rng.randint(4, 6)), (large, rng.randint(4, large))]
    for kernel_size, stride in ((2, 2), (3, 2), (3, 1), (5, 3), (5, 2), *drawn):
        check_sizes(kernel_size, stride=stride, ceil_mode=True)
        check_sizes(kernel_size, stride=stride, ceil_mode=False)
    check_sizes(rng.randint(3, 6), ceil_mode=True)
    half = large // 2
    for kernel_size, stride, padding in (
        (3, 2, 1),
        (6, 3, rng.randint(1, 3)),
        (large, half, rng.randint(1, half)),
    ):
        check_sizes(kernel_size, stride=stride, padding=padding, ceil_mode=True)
    # Not even the first window is complete.
    kernel_size = rng.randint(3, 20)
    check_size(kernel_size - 1, kernel_size, ceil_mode=True)
    check_size(kernel_size - 1, kernel_size, stride=2, ceil_mode=True)


def test_window_past_the_input(check_size, check_sizes, rng):
    """Last windows that start before the end of the input, right at it, inside and right at the padding's ends."""
    check_size(7, 1, stride=4, ceil_mode=True)
    drawn = [(rng.randint(2, 4), rng.randint(6, 8)), (rng.randint(4, 9), rng.randint(12, 50))]
    for kernel_size, stride in ((1, 3), (2, 3), (2, 5), (3, 7), *drawn):
        check_sizes(kernel_size, stride=stride, ceil_mode=True)
    large = rng.randint(8, 40)
    for kernel_size, padding in ((2, 1), (3, 1), (4, 2), (5, 1), (7, 3), (large, rng.randint(3, large // 2))):
        check_sizes(kernel_size, padding=padding, ceil_mode=True)
        # Just longer than the kernel, and so much longer that a window may end before the padding begins.
        for stride in (kernel_size + 1, kernel_size + rng.randint(2, 4)):
            check_sizes(kernel_size, stride=stride, padding=padding, ceil_mode=True)


def test_all_together(submission, rng):
    """By position, in the order of the statement, and by name in any other."""
    assert_value(submission.pooled_size(33, 3, None, 1, True), layer_size(33, 3, None, 1, True))
    for _round in range(50):
        kernel_size = rng.randint(2, rng.choice((7, 7, 90)))
        arguments = {
            "size": rng.randint(kernel_size, rng.choice((60, 60, 4000)) + kernel_size),
            "kernel_size": kernel_size,
            "stride": rng.choice((None, rng.randint(1, 9), rng.randint(1, 2 * kernel_size))),
            "padding": rng.randint(0, kernel_size // 2),
            "ceil_mode": rng.random() < 0.7,
        }
        number = rng.choice((0, 0, 1, 2, 3, 4, 5))
        by_position, others = list(arguments.values())[:number], list(arguments)[number:]
        by_name = {name: arguments[name] for name in rng.sample(others, len(others))}
        assert_value(submission.pooled_size(*by_position, **by_name), layer_size(**arguments))


# --- max_pool -------------------------------------------------------------------------------------------------


def pooled(x, kernel_size, stride=None, ceil_mode=False):
    return torch.nn.MaxPool2d(kernel_size, stride, ceil_mode=ceil_mode)(x)


@pytest.fixture
def check_pool(submission, sandbox, rng):
    """Asks for max pooling of x, and looks whether x is afterwards what it was."""

    def check(x, kernel_size, dtype=None, **settings):
        given = sandbox.put(x)
        by_position, by_name = in_some_style(rng, {"stride": None, "ceil_mode": False}, settings)
        actual = submission.max_pool(given, kernel_size, *by_position, **by_name)
        assert_close(actual, pooled(x, kernel_size, **settings), dtype=dtype, **EXACT_FOR_FLOAT32)
        assert_close(given, x, rtol=0, atol=0, name=_("x, after the call"))

    return check


def a_batch(rng, height, width, dtype=torch.float32):
    """A few samples of a few channels, of values around 0."""
    return torch.randn(rng.randint(1, 4), rng.randint(1, 6), height, width, dtype=dtype)


def a_large_batch(rng, kind):
    """Of a size that networks have, yet small enough for a loop over its windows."""
    values, channels, lengths = {
        "batch": (rng.randint(60_000, 130_000), rng.randint(8, 40), (24, 34)),
        "channels": (16_000, rng.randint(64, 256), (5, 10)),
        "picture": (16_000, rng.randint(1, 3), (80, 150)),
    }[kind]
    height, width = rng.randint(*lengths), rng.randint(*lengths)
    return torch.randn(max(1, values // (channels * height * width)), channels, height, width)


KINDS = ("batch", "channels", "picture")


def test_each_window(check_pool, rng):
    check_pool(torch.arange(1.0, 25).reshape(1, 1, 4, 6), 2)
    for kernel_size in (1, 2, 3, rng.randint(4, 7)):
        rows = rng.randint(2, 3)
        check_pool(a_batch(rng, rows * kernel_size, (rows + 1) * kernel_size), kernel_size)
    size = rng.randint(3, 8)
    check_pool(a_batch(rng, size, size), size)  # a single window
    # Rows and columns that fill no window are left over.
    check_pool(a_batch(rng, 7, 9), 2)
    check_pool(a_batch(rng, 7, 11), rng.randint(3, 4))
    for kind in rng.sample(KINDS, 3):
        check_pool(a_large_batch(rng, kind), rng.randint(2, 4))


def test_pool_stride(check_pool, rng):
    for kernel_size, stride in (
        (3, 1),
        (3, 2),
        (2, 3),
        (1, 2),
        (2, rng.randint(4, 5)),
        (rng.randint(4, 5), 2),
    ):
        for height in range(5, 8):
            check_pool(a_batch(rng, height, height + rng.randint(1, 5)), kernel_size, stride=stride)
    check_pool(a_large_batch(rng, rng.choice(KINDS[1:])), 3, stride=2)


def test_pool_ceil_mode(check_pool, rng):
    # Incomplete windows at the bottom, at the right, at both, at neither.
    for height in (6, 7):
        for width in (8, 9):
            check_pool(a_batch(rng, height, width), 2, ceil_mode=True)
            check_pool(a_batch(rng, height, width), 3, stride=2, ceil_mode=True)
    check_pool(a_batch(rng, 7, 11), rng.randint(3, 5), ceil_mode=True)
    # Windows that would start past the input.
    for height in range(5, 9):
        check_pool(a_batch(rng, height, height + 2), 2, stride=rng.randint(3, 5), ceil_mode=True)
        check_pool(a_batch(rng, height, height + 2), 1, stride=4, ceil_mode=True)
    x = a_batch(rng, 6, 8)
    check_pool(x, 3, stride=2, ceil_mode=True)
    check_pool(x, 3, stride=None, ceil_mode=True)
    check_pool(a_large_batch(rng, rng.choice(KINDS[1:])), 3, stride=2, ceil_mode=True)


def test_negative_values(check_pool, rng):
    for ceil_mode in (False, True):
        for kernel_size, stride in ((2, None), (3, 2), (2, 3)):
            x = (
                -rng.choice((0.1, 3, 100))
                - a_batch(rng, 7 + 6 * rng.randint(0, 2), 10 + 6 * rng.randint(0, 2)).abs()
            )
            check_pool(x, kernel_size, stride=stride, ceil_mode=ceil_mode)
    check_pool(-a_large_batch(rng, rng.choice(KINDS[1:])).abs(), 2)


def test_minus_infinity(check_pool, rng):
    for dtype in (torch.float32, torch.float64):
        for ceil_mode in (False, True):
            x = torch.randn(rng.randint(2, 4), rng.randint(1, 6), 7, 9, dtype=dtype)
            x[0, :, 2:6, 2:6] = -math.inf  # whole windows, in the middle
            x[1, :, 6:, :] = x[1, :, :, 8:] = -math.inf  # whole incomplete windows, at the border
            x[1, :, 0, :] = -math.inf  # some values of a window
            check_pool(x, 2, ceil_mode=ceil_mode)
            check_pool(x, 3, stride=2, ceil_mode=ceil_mode)
            x = torch.finfo(dtype).min * (0.5 + 0.4 * torch.rand(1, rng.randint(1, 6), 5, 7, dtype=dtype))
            check_pool(x, 2, ceil_mode=ceil_mode)


def test_dtype(check_pool, rng):
    for dtype, large in ((torch.float32, 1e30), (torch.float64, 1e200)):
        for ceil_mode in (False, True):
            x = large * a_batch(rng, 7 + 2 * rng.randint(0, 3), 9 + 2 * rng.randint(0, 3), dtype)
            check_pool(x, 2, dtype=dtype, ceil_mode=ceil_mode)
            check_pool(x, 3, dtype=dtype, stride=2, ceil_mode=ceil_mode)
