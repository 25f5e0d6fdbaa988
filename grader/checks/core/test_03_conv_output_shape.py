"""Hidden grader of core/03: height and width are those of the judge's own conv2d."""

import pytest
import torch

from learn_torch.testing import assert_value

VALUES, PRODUCTS = 200_000, 20_000_000
"""An input has at most so many values, and a convolution multiplies at most so often: asking a layer stays quick."""

DILATED = [
    (kernel, spread) for kernel in range(2, 25) for spread in range(2, 48) if spread * (kernel - 1) < 48
]
"""Kernels and dilations for `same_padding` that cover 48 cells at most: trying paddings out stays quick as well."""

DEFAULTS = {"stride": 1, "padding": 0, "dilation": 1}


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


def length_after(length, kernel_size, stride, padding, dilation):
    """One axis of what a layer makes; neither the other axis nor batch and channels change it."""
    x, weight = torch.zeros(1, 1, length, 1), torch.zeros(1, 1, kernel_size, 1)
    return torch.nn.functional.conv2d(x, weight, None, (stride, 1), (padding, 0), (dilation, 1)).shape[2]


def conv2d_shape(input_shape, out_channels, kernel_size, stride=1, padding=0, dilation=1):
    settings = (pair(value) for value in (kernel_size, stride, padding, dilation))
    height, width = (length_after(*axis) for axis in zip(input_shape[2:], *settings, strict=True))
    return input_shape[0], out_channels, height, width


def up_to(rng, limit):
    """From 1 to the limit, as often below its root as above."""
    return round(max(1, limit) ** rng.random())


def a_shape(rng, kernel_size, dilation=1):
    """The kernel fits; height and width differ, so that mixing them up shows."""
    kernels, dilations = pair(kernel_size), pair(dilation)
    room = rng.choice((12, 30, 300)) // (1 + max(kernels) // 8) + 1
    height, width = (
        spread * (kernel - 1) + 1 + rng.randint(0, room)
        for kernel, spread in zip(kernels, dilations, strict=True)
    )
    width += height == width
    channels = up_to(rng, VALUES // (height * width))
    return up_to(rng, VALUES // (channels * height * width)), channels, height, width


def check(submission, rng, kernel_size, input_shape=None, out_channels=None, **settings):
    """The settings come by position or by name, in any order."""
    input_shape = input_shape or a_shape(rng, kernel_size, settings.get("dilation", 1))
    *_, height, width = conv2d_shape(input_shape, 1, kernel_size, **settings)
    work = input_shape[0] * input_shape[1] * height * width * pair(kernel_size)[0] * pair(kernel_size)[1]
    out_channels = out_channels or up_to(rng, min(512, PRODUCTS // work))
    first = list(DEFAULTS)[: rng.choice((0, 0, 1, 2, 3)) if settings else 0]
    by_position = [settings.get(name, DEFAULTS[name]) for name in first]
    by_name = {
        name: settings[name] for name in rng.sample(sorted(settings), len(settings)) if name not in first
    }
    shape = submission.conv_output_shape(input_shape, out_channels, kernel_size, *by_position, **by_name)
    assert_value(shape, (input_shape[0], out_channels, height, width))


def test_kernel_alone(submission, rng):
    for kernel_size in rng.sample((1, rng.randint(2, 9), rng.randint(10, 50)), 3):
        check(submission, rng, kernel_size)


def test_batch_and_channels(submission, rng):
    for _ in range(3):
        n, channels, out_channels = rng.sample(range(2, 24), 3)
        height = rng.randint(8, 14)
        shape = (n, channels, height, height + rng.randint(1, 6))
        check(submission, rng, 3, shape, rng.choice((out_channels, rng.randint(24, 256))))


def test_padding(submission, rng):
    for padding in rng.sample((1, rng.randint(2, 6), rng.randint(7, 30)), 3):
        check(submission, rng, rng.randint(1, 9), padding=padding)


def test_stride_rounds_down(submission, rng):
    shape = submission.conv_output_shape((1, 3, 32, 32), 6, 5, stride=2, padding=1)
    assert_value(shape, (1, 6, 15, 15))  # the example of the statement
    for stride in (2, 3, rng.randint(4, 9)):
        # Every remainder of the division by a short stride comes up.
        kernel_size, (height, width) = rng.randint(1, 7), rng.sample(range(20, 60), 2)
        for extra in rng.sample(range(stride), min(stride, 4)):
            shape = (*rng.sample(range(1, 9), 2), height + extra, width + extra)
            check(submission, rng, kernel_size, shape, stride=stride)
    check(submission, rng, rng.randint(2, 7), stride=rng.randint(10, 40))


def test_dilation(submission, rng):
    for dilation in rng.sample((2, rng.randint(3, 9), rng.randint(10, 30)), 3):
        check(submission, rng, rng.randint(2, 5), dilation=dilation)
    # Of height and width, one is even and one is odd: the stride has to round.
    height = rng.randint(12, 40)
    shape = (*rng.sample(range(1, 9), 2), height, height + 2 * rng.randint(1, 5) - 1)
    check(submission, rng, 3, shape, stride=2, padding=2, dilation=3)


def test_pairs(submission, rng):
    def two(least, most):
        return tuple(rng.sample(range(least, most), 2))

    check(submission, rng, two(1, 12))
    check(submission, rng, rng.randint(2, 7), padding=two(0, 9))
    check(submission, rng, rng.randint(2, 7), stride=two(1, 7))
    check(submission, rng, rng.randint(2, 7), dilation=two(1, 9))
    check(submission, rng, two(1, 7), stride=two(1, 5), padding=two(0, 6), dilation=two(1, 5))
    # Pairs mixed with ints, and everything by position or by name.
    kernel_size, dilation = two(2, 7), rng.randint(2, 4)
    shape, out_channels = a_shape(rng, kernel_size, dilation), rng.randint(1, 64)
    arguments = {
        "input_shape": shape,
        "out_channels": out_channels,
        "kernel_size": kernel_size,
        "stride": rng.randint(1, 3),
        "padding": two(0, 5),
        "dilation": dilation,
    }
    expected = conv2d_shape(**arguments)
    assert_value(submission.conv_output_shape(*arguments.values()), expected)
    by_name = dict(rng.sample(sorted(arguments.items()), len(arguments)))
    assert_value(submission.conv_output_shape(**by_name), expected)


def test_same_padding(submission, rng):
    for kernel_size in rng.sample((1, 3, rng.randrange(5, 16, 2), rng.randrange(17, 64, 2)), 4):
        assert_value(submission.same_padding(kernel_size), (kernel_size - 1) // 2)


def padding_for(submission, kernel_size, dilation, by_name):
    """By name, a dilation of 1 is left out."""
    if not by_name:
        return submission.same_padding(kernel_size, dilation)
    return submission.same_padding(kernel_size, **({"dilation": dilation} if dilation > 1 else {}))


def test_same_padding_dilated(submission, rng):
    odd = [(kernel, dilation) for kernel, dilation in DILATED if kernel % 2]
    even = [(kernel, dilation) for kernel, dilation in DILATED if not kernel % 2 and not dilation % 2]
    styles = rng.sample((True, True, False, False), 4)
    for (kernel_size, dilation), by_name in zip(
        rng.sample(odd, 2) + rng.sample(even, 2), styles, strict=True
    ):
        expected = dilation * (kernel_size - 1) // 2
        assert_value(padding_for(submission, kernel_size, dilation, by_name), expected)


def test_same_padding_impossible(submission, rng):
    half = [(kernel, dilation) for kernel, dilation in DILATED if not kernel % 2 and dilation % 2]
    plain = [(kernel, 1) for kernel in (rng.choice((2, 4)), rng.randrange(6, 33, 2))]
    for kernel_size, dilation in rng.sample([*plain, *rng.sample(half, 2)], 4):
        with pytest.raises(ValueError):
            padding_for(submission, kernel_size, dilation, rng.random() < 0.5)
