"""Hidden grader of core/03: shapes are those of the judge's own nn.Conv2d."""

import pytest
import torch

from learn_torch.testing import assert_value


def conv2d_shape(input_shape, out_channels, kernel_size, **settings):
    layer = torch.nn.Conv2d(input_shape[1], out_channels, kernel_size, **settings)
    return tuple(layer(torch.zeros(input_shape)).shape)


def check(submission, input_shape, out_channels, kernel_size, **settings):
    expected = conv2d_shape(input_shape, out_channels, kernel_size, **settings)
    assert_value(submission.conv_output_shape(input_shape, out_channels, kernel_size, **settings), expected)


def a_shape(rng, n=1, channels=3):
    """Height and width differ, so that mixing them up shows."""
    height = rng.randint(20, 32)
    return n, channels, height, height + rng.randint(1, 8)


def test_kernel_alone(submission, rng):
    for kernel_size in (1, 3, rng.randint(4, 7)):
        check(submission, a_shape(rng), 3, kernel_size)


def test_batch_and_channels(submission, rng):
    for _ in range(3):
        n, channels = rng.sample(range(2, 6), 2)
        check(submission, a_shape(rng, n, channels), rng.randint(7, 12), 3)


def test_padding(submission, rng):
    for padding in (1, 2, rng.randint(3, 5)):
        check(submission, a_shape(rng), 4, 5, padding=padding)


def test_stride_rounds_down(submission, rng):
    check(submission, (1, 3, 32, 32), 6, 5, stride=2, padding=1)
    for stride in (2, 3, rng.randint(4, 6)):
        # Every remainder of the division comes up.
        for extra in range(stride):
            check(submission, (1, 3, 20 + extra, 27 + extra), 4, 3, stride=stride)


def test_dilation(submission, rng):
    for dilation in (2, 3, 4):
        check(submission, a_shape(rng), 4, rng.randint(2, 4), dilation=dilation)
    check(submission, a_shape(rng), 4, 3, stride=2, padding=2, dilation=3)


def test_pairs(submission, rng):
    check(submission, a_shape(rng), 4, (3, 5))
    check(submission, (2, 3, 32, 32), 4, (3, 5), padding=(0, 2))
    check(submission, a_shape(rng), 4, 3, stride=(1, 2))
    check(submission, a_shape(rng), 4, 3, padding=(2, 0))
    check(submission, a_shape(rng), 4, 3, dilation=(1, 3))
    check(submission, a_shape(rng), 4, (2, 4), stride=(3, 2), padding=(1, 2), dilation=(2, 1))
    # By position, and pairs mixed with ints.
    shape = a_shape(rng)
    expected = conv2d_shape(shape, 4, (5, 2), stride=2, padding=(0, 1), dilation=2)
    assert_value(submission.conv_output_shape(shape, 4, (5, 2), 2, (0, 1), 2), expected)


def test_same_padding(submission, rng):
    for kernel_size in (1, 3, 5, 2 * rng.randint(3, 6) + 1):
        assert_value(submission.same_padding(kernel_size), (kernel_size - 1) // 2)


def test_same_padding_dilated(submission, rng):
    for kernel_size, dilation in ((3, 2), (5, 3), (4, 2), (2 * rng.randint(1, 4), 2 * rng.randint(2, 3))):
        assert_value(
            submission.same_padding(kernel_size, dilation=dilation), dilation * (kernel_size - 1) // 2
        )


def test_same_padding_impossible(submission, rng):
    for kernel_size, dilation in ((2, 1), (4, 1), (2 * rng.randint(3, 5), 3)):
        with pytest.raises(ValueError):
            submission.same_padding(kernel_size, dilation)
