"""Draw a contact sheet: small images in rows, under their labels."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from learn_torch.runs.drawing.lettering import lettering
from learn_torch.runs.drawing.palette import INK, MOUNT, PAPER

CELL = 112
"""Height and width of the area for one image, in pixels."""
_GAP = 6
_HEADING = 34


def contact_sheet(sections: Sequence[tuple[str, Sequence[Image.Image]]], columns: int = 10) -> Image.Image:
    """Draw the sheet.

    Args:
        sections: headings, each with its RGB images of any size. Each image is scaled to fit its cell.
        columns: the number of images in a row.
    """
    columns = max(1, min(columns, max((len(images) for _heading, images in sections), default=1)))
    columns = max(columns, 3)  # room for a heading
    step = CELL + _GAP
    rows = [-(-len(images) // columns) for _heading, images in sections]
    sheet = Image.new("RGB", (columns * step + _GAP, sum(rows) * step + len(rows) * _HEADING + _GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    top = 0
    for (heading, images), count in zip(sections, rows, strict=True):
        text, font = lettering(heading, 18)
        draw.text((_GAP, top + _HEADING / 2), text, INK, font, anchor="lm")
        top += _HEADING
        for number, image in enumerate(images):
            left, upper = _GAP + number % columns * step, top + number // columns * step
            draw.rectangle((left, upper, left + CELL - 1, upper + CELL - 1), MOUNT)
            small = thumbnail(image)
            sheet.paste(small, (left + (CELL - small.width) // 2, upper + (CELL - small.height) // 2))
        top += count * step
    return sheet


def thumbnail(image: Image.Image) -> Image.Image:
    """The image, scaled to fit into a cell. A tiny image is scaled by an integer, so that its pixels stay square."""
    if max(image.size) <= CELL // 2:
        return image.resize(
            [side * (CELL // max(image.size)) for side in image.size], Image.Resampling.NEAREST
        )
    small = image.copy()
    small.thumbnail((CELL, CELL))
    return small
