"""Write the losses of a training as a table and as an image."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from learn_torch.language import _
from learn_torch.runs.drawing.lettering import either, lettering

_WIDTH, _HEIGHT = 760, 440
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 20, 44, 44
_PAPER, _INK, _GRID, _PALE, _STRONG = "#ffffff", "#404040", "#e4e4e4", "#b9cfe6", "#1f5fa8"
_FINER = 2
"""The curve is drawn this many times larger and scaled down, because Pillow's lines have hard edges."""


def write_csv(losses: Sequence[float], path: Path) -> None:
    """Write a table with the columns `step` (from 1) and `loss`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("step", "loss"))
        table.writerows((step, f"{loss:.6f}") for step, loss in enumerate(losses, start=1))


def smoothed(losses: Sequence[float], stretch: int) -> list[float]:
    """The moving average over each loss and the ones before it: `stretch` losses, fewer at the start."""
    return [
        sum(window) / len(window)
        for n in range(len(losses))
        if (window := losses[max(0, n + 1 - stretch) : n + 1])
    ]


def loss_curve(losses: Sequence[float], title: str, stretch: int) -> Image.Image:
    """Draw losses, at least one: each in a pale colour, the mean of the last `stretch` in a strong one."""
    image = Image.new("RGB", (_WIDTH * _FINER, _HEIGHT * _FINER), _PAPER)
    draw = ImageDraw.Draw(image)
    finite = [loss for loss in losses if abs(loss) < float("inf")]
    highest = max(finite, default=0.0) or 1.0
    spacing = _round_step(highest / 5)
    top = spacing * (int(highest / spacing) + 1)

    def at(step: float, loss: float) -> tuple[float, float]:
        x = _LEFT + (_WIDTH - _LEFT - _RIGHT) * (step - 1) / max(1, len(losses) - 1)
        y = _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * loss / top
        return x * _FINER, y * _FINER

    def write(text: str, place: tuple[float, float], anchor: str, size: int = 13) -> None:
        text, font = lettering(text, size * _FINER)
        draw.text(place, text, _INK, font, anchor=anchor)

    for line in range(round(top / spacing) + 1):
        y = at(1, line * spacing)[1]
        draw.line((_LEFT * _FINER, y, (_WIDTH - _RIGHT) * _FINER, y), _GRID, _FINER)
        write(f"{line * spacing:g}", ((_LEFT - 8) * _FINER, y), "rm")
    apart = max(1, int(_round_step(len(losses) / 6)))
    for step in (1, *range(apart, len(losses) + 1, apart)):
        write(str(step), (at(step, 0)[0], (_HEIGHT - _BOTTOM + 8) * _FINER), "mt")
    for curve, colour, thick in ((list(losses), _PALE, 1), (smoothed(losses, stretch), _STRONG, 3)):
        points = [at(step, loss) for step, loss in enumerate(curve, start=1) if abs(loss) < float("inf")]
        draw.line(points, colour, thick * _FINER, joint="curve")
    write(title, (_LEFT * _FINER, _TOP / 2 * _FINER), "lm", 16)
    write(either(_("step"), "step"), ((_WIDTH - _RIGHT) * _FINER, (_HEIGHT - 6) * _FINER), "rb")
    return image.resize((_WIDTH, _HEIGHT), Image.Resampling.BOX)


def _round_step(about: float) -> float:
    """1, 2 or 5 times a power of ten, close to `about`, which must be above 0."""
    power = 10.0 ** len(str(int(about))) / 10 if about >= 1 else 1.0
    while power > about:
        power /= 10
    return max((factor * power for factor in (1, 2, 5) if factor * power <= about), default=power)
