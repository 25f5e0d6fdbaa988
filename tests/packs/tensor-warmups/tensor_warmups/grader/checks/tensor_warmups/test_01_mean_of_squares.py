"""Hidden grader of tensor_warmups/01. It runs in the judge."""

import torch

from learn_torch.testing import assert_close


def mean_of_squares(x):
    """What is expected: computed here, never asked of the submission."""
    return (x.double() ** 2).mean()


def test_example(submission):
    x = torch.tensor([1.0, -2.0, 3.0])
    assert_close(submission.mean_of_squares(x), mean_of_squares(x))


def test_any_numbers(submission, rng):
    # Fresh numbers at every run: `rng` and torch are seeded from a secret.
    for count in (1, 2, rng.randint(3, 50)):
        x = 3 * torch.randn(count)
        assert_close(submission.mean_of_squares(x), mean_of_squares(x))


def test_dtype(submission):
    for dtype in (torch.float32, torch.float64):
        x = torch.randn(5, dtype=dtype)
        assert_close(submission.mean_of_squares(x), mean_of_squares(x), dtype=dtype)
