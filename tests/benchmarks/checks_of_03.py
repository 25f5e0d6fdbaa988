"""The checks of core/03 as they would be written in-process: what `learn check 03` is measured against.

python -m pytest tests/benchmarks/checks_of_03.py
"""

import importlib.util
import os
import random

import pytest
import torch

spec = importlib.util.spec_from_file_location("submission", os.environ["SUBMISSION"])
assert spec is not None
assert spec.loader is not None
submission = importlib.util.module_from_spec(spec)
spec.loader.exec_module(submission)


@pytest.fixture
def rng():
    return random.Random()


def conv2d_shape(input_shape, out_channels, kernel_size, **settings):
    layer = torch.nn.Conv2d(input_shape[1], out_channels, kernel_size, **settings)
    return tuple(layer(torch.zeros(input_shape)).shape)


def check(input_shape, out_channels, kernel_size, **settings):
    result = submission.conv_output_shape(input_shape, out_channels, kernel_size, **settings)
    assert isinstance(result, tuple)
    assert all(isinstance(size, int) for size in result)
    assert result == conv2d_shape(input_shape, out_channels, kernel_size, **settings)


def a_shape(rng, n=1, channels=3):
    height = rng.randint(20, 32)
    return n, channels, height, height + rng.randint(1, 8)


def test_kernel_alone(rng):
    for kernel_size in (1, 3, rng.randint(4, 7)):
        check(a_shape(rng), 3, kernel_size)


def test_batch_and_channels(rng):
    for _ in range(3):
        n, channels = rng.sample(range(2, 6), 2)
        check(a_shape(rng, n, channels), rng.randint(7, 12), 3)


def test_padding(rng):
    for padding in (1, 2, rng.randint(3, 5)):
        check(a_shape(rng), 4, 5, padding=padding)


def test_stride_rounds_down(rng):
    check((1, 3, 32, 32), 6, 5, stride=2, padding=1)
    for stride in (2, 3, rng.randint(4, 6)):
        for extra in range(stride):
            check((1, 3, 20 + extra, 27 + extra), 4, 3, stride=stride)


def test_dilation(rng):
    for dilation in (2, 3, 4):
        check(a_shape(rng), 4, rng.randint(2, 4), dilation=dilation)
    check(a_shape(rng), 4, 3, stride=2, padding=2, dilation=3)


def test_pairs(rng):
    check(a_shape(rng), 4, (3, 5))
    check(a_shape(rng), 4, 3, stride=(1, 2))
    check(a_shape(rng), 4, 3, padding=(2, 0))
    check(a_shape(rng), 4, 3, dilation=(1, 3))
    check(a_shape(rng), 4, (2, 4), stride=(3, 2), padding=(1, 2), dilation=(2, 1))
    check(a_shape(rng), 4, (5, 2), stride=2, padding=(0, 1), dilation=2)


def test_same_padding(rng):
    for kernel_size in (1, 3, 5, 2 * rng.randint(3, 6) + 1):
        assert submission.same_padding(kernel_size) == (kernel_size - 1) // 2


def test_same_padding_dilated(rng):
    for kernel_size, dilation in ((3, 2), (5, 3), (4, 2), (2 * rng.randint(1, 4), 2 * rng.randint(2, 3))):
        assert submission.same_padding(kernel_size, dilation=dilation) == dilation * (kernel_size - 1) // 2


def test_same_padding_impossible(rng):
    for kernel_size, dilation in ((2, 1), (4, 1), (2 * rng.randint(3, 5), 3)):
        with pytest.raises(ValueError):
            submission.same_padding(kernel_size, dilation)
