"""Columns of numbers, for the graders of this track."""

import pytest
import torch


@pytest.fixture
def columns(rng):
    """A function for fresh numbers (N, D): every column has a mean and a spread of its own."""

    def columns(n, d, dtype=torch.float32):
        spread = 0.5 + 3 * torch.rand(d, dtype=dtype)
        return spread * torch.randn(n, d, dtype=dtype) + 5 * torch.randn(d, dtype=dtype)

    return columns
