"""An explanation fits every value, and a result that is wrong by chance gets none."""

from __future__ import annotations

import pytest
import torch

from learn_torch.testing import Mismatch, assert_close
from learn_torch.testing.explanations import explanation


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


RIGHT = drawn(4, 5)
POSITIVE = RIGHT.abs() + 0.3
SQUARE = drawn(4, 4)


@pytest.mark.parametrize(
    ("wrong", "right", "words"),
    [
        (4 * RIGHT, RIGHT, "the result is 4 times too large"),
        (RIGHT / 4, RIGHT, "the result is 4 times too small"),
        (20 * RIGHT, RIGHT, "20 times too large: a sum in place of a mean?"),
        (RIGHT / 20, RIGHT, "20 times too small: a mean in place of a sum?"),
        (1.5 * RIGHT, RIGHT, "1.5 times too large"),
        (-RIGHT, RIGHT, "every value has the wrong sign"),
        (-2 * RIGHT, RIGHT, "every value is -2 times the right one"),
        (RIGHT + 0.5, RIGHT, "too large by 0.5"),
        (RIGHT - 0.5, RIGHT, "too small by 0.5"),
        (SQUARE.T, SQUARE, "axes 0 and 1 are swapped"),
        (RIGHT.T, RIGHT, "axes 0 and 1 are swapped"),
        (RIGHT.flip(1), RIGHT, "reverse order along axis 1"),
        (RIGHT.roll(1, 0), RIGHT, "shifted by one along axis 0"),
        (RIGHT.roll(-1, 1), RIGHT, "shifted by one along axis 1"),
        (RIGHT.flatten()[torch.randperm(20)].reshape(4, 5), RIGHT, "in another order"),
        (torch.cat([RIGHT, drawn(1, 5, seed=1)]), RIGHT, "one too many along axis 0"),
        (RIGHT[1:], RIGHT, "one is missing along axis 0"),
        (RIGHT[:, :-1], RIGHT, "one is missing along axis 1"),
        (RIGHT.reshape(20), RIGHT, "only the shape is another"),
        (POSITIVE**2, POSITIVE, "the square of the right one"),
        (POSITIVE.sqrt(), POSITIVE, "the square root of the right one"),
        (1 / POSITIVE, POSITIVE, "1 divided by the right one"),
        (RIGHT.abs(), RIGHT, "the absolute value"),
        (torch.tensor(2.8284), torch.tensor(0.7071), "4 times too large"),
        (8.1356, 4.0678, "2 times too large"),
        (-4.0678, 4.0678, "wrong sign"),
    ],
)
def test_what_fits_all_values_is_said(
    wrong: torch.Tensor | float, right: torch.Tensor | float, words: str
) -> None:
    assert words in explanation(wrong, right)


@pytest.mark.parametrize("shape", [(3,), (2, 3), (4, 4), (2, 3, 4, 5), (64, 10)])
def test_random_tensors_get_none(shape: tuple[int, ...]) -> None:
    for seed in range(200):
        assert explanation(drawn(*shape, seed=seed), drawn(*shape, seed=seed + 1000)) == ""


def test_random_numbers_get_none() -> None:
    for one, other in drawn(500, 2).double().tolist():
        assert explanation(one, other) == ""


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (4.0, 2.0),  # small numbers are multiples of each other by chance
        (0.75, 0.25),
        (4, 2.0),
        (float("nan"), 2.7183),
        (2.7183, float("inf")),
        (0.0, 2.7183),
        (torch.tensor([2.0, 2.0, 2.0]), torch.tensor([1.0, 1.0, 1.0])),  # one value, three times
        (torch.tensor([2.0, 4.0]), torch.tensor([1.0, 2.0])),
        (torch.zeros(4, 5), RIGHT),
        (torch.full((4, 5), torch.nan), RIGHT),
        (torch.empty(0, 5), RIGHT),
        (RIGHT * torch.linspace(1, 2, 5), RIGHT),  # the factor is another for each
        (RIGHT.to(torch.complex64), RIGHT),
        (1e-6 * RIGHT, 2e-6 * RIGHT),  # within the tolerance everything is equal
    ],
)
def test_where_chance_would_do_nothing_is_said(
    wrong: torch.Tensor | float, right: torch.Tensor | float
) -> None:
    assert explanation(wrong, right) == ""


def test_a_mismatch_ends_with_the_note() -> None:
    with pytest.raises(Mismatch) as caught:
        assert_close(4 * RIGHT, RIGHT)
    assert caught.value.detail.splitlines()[-1] == "note: the result is 4 times too large"
    with pytest.raises(Mismatch) as caught:
        assert_close(RIGHT[:-1], RIGHT)
    assert "(3, 5), expected (4, 5)\nnote: one is missing" in caught.value.detail
    with pytest.raises(Mismatch) as caught:
        assert_close(drawn(4, 5, seed=9), RIGHT)
    assert "note" not in caught.value.detail


@pytest.mark.parametrize("wrong", [1e308, -1e308, 5e-324])
def test_numbers_at_the_limits_of_a_double_are_compared_without_an_explanation(wrong: float) -> None:
    assert explanation(wrong, 0.3712) == ""
    assert explanation(wrong, 10.512) == ""
    assert explanation(torch.tensor(wrong, dtype=torch.float64), torch.tensor(0.3712)) == ""
    assert explanation(torch.full((4, 5), wrong, dtype=torch.float64), RIGHT) == ""
    with pytest.raises(Mismatch):
        assert_close(wrong, 10.512)
