"""Curves and contact sheets."""

from __future__ import annotations

import pytest
from PIL import Image

from learn_torch.runs.drawing.contact_sheet import CELL, contact_sheet, thumbnail
from learn_torch.runs.drawing.loss_curve import loss_curve, smoothed


@pytest.mark.parametrize(
    "losses", [[0.5], [0.0, 0.0], [1e9, 5.0], [2.0, float("nan"), float("inf")], [1e-7] * 9]
)
def test_a_curve_can_be_drawn_of_any_losses(losses: list[float]) -> None:
    assert loss_curve(losses, "损失", 2).size == (760, 440)


def test_smoothing_takes_the_losses_before() -> None:
    assert smoothed([4.0, 2.0, 0.0, 4.0], 2) == [4.0, 3.0, 1.0, 2.0]


def test_a_contact_sheet_has_a_row_of_cells_for_each_label() -> None:
    red, blue = Image.new("RGB", (400, 100), "red"), Image.new("RGB", (32, 32), "blue")
    sheet = contact_sheet([("ants", [red] * 7), ("bees", [blue])], columns=4)
    assert sheet.width // CELL == 4
    assert sheet.height // CELL == 3
    colours = {colour for _count, colour in sheet.getcolors(1 << 20) or []}
    assert {(255, 0, 0), (0, 0, 255)} <= colours


@pytest.mark.parametrize(
    ("size", "scaled"), [((400, 100), (112, 28)), ((32, 32), (96, 96)), ((100, 60), (100, 60))]
)
def test_thumbnails_fit_their_cell(size: tuple[int, int], scaled: tuple[int, int]) -> None:
    assert thumbnail(Image.new("RGB", size)).size == scaled
