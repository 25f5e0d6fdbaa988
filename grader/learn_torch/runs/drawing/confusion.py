"""Draw a confusion matrix: which class was predicted as which."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from learn_torch.language import _
from learn_torch.runs.drawing.lettering import Font, either, lettering
from learn_torch.runs.drawing.palette import INK, PAPER, STRONG

_CELL = 40
_WRONG = (190, 60, 40)


def confusion_matrix(counts: Sequence[Sequence[int]], classes: Sequence[str]) -> Image.Image:
    """Draw the matrix: rows are the true classes, columns the predicted ones. Larger counts are darker.

    Args:
        counts: `counts[i][j]` images of class i were predicted as class j.
        classes: their names.
    """
    margin = max(int(lettering(name, 14)[1].getlength(name)) for name in classes) + 14
    side = _CELL * len(classes)
    image = Image.new("RGB", (margin + side + 10, margin + side + 34), PAPER)
    draw = ImageDraw.Draw(image)
    for row, name in enumerate(classes):
        text, font = lettering(name, 14)
        middle = margin + (row + 0.5) * _CELL
        draw.text((margin - 6, middle), text, INK, font, anchor="rm")
        _write_upright(image, text, font, (int(middle), margin - 6))
        total = max(1, sum(counts[row]))
        for column, count in enumerate(counts[row]):
            left, top = margin + column * _CELL, margin + row * _CELL
            colour = _mix(PAPER, STRONG if row == column else _WRONG, count / total)
            draw.rectangle((left + 1, top + 1, left + _CELL - 2, top + _CELL - 2), colour)
            if count:
                digits, small = lettering(str(count), 13)
                ink = PAPER if count / total > 0.5 else INK
                draw.text((left + _CELL / 2, top + _CELL / 2), digits, ink, small, anchor="mm")
    note, font = lettering(either(_("rows: true class; columns: predicted class"), _NOTE), 13)
    draw.text((6, image.height - 18), note, INK, font, anchor="lm")
    return image


_NOTE = "rows: true class; columns: predicted class"


def _write_upright(image: Image.Image, text: str, font: Font, foot: tuple[int, int]) -> None:
    """Write upwards from `foot`."""
    length = int(font.getlength(text)) + 2
    strip = Image.new("RGB", (length, 20), PAPER)
    ImageDraw.Draw(strip).text((0, 10), text, INK, font, anchor="lm")
    image.paste(strip.rotate(90, expand=True), (foot[0] - 10, foot[1] - length))


def _mix(one: tuple[int, int, int], other: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
