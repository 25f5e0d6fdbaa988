"""Draw the answer of a network: the image, and a bar for each of the most likely classes."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from learn_torch.runs.drawing.lettering import lettering
from learn_torch.runs.drawing.palette import INK, MOUNT, PALE, PAPER, STRONG

PICTURE = 240
"""Height and width of the area for the image, in pixels."""
_GAP, _ROW, _BAR = 16, 36, 200


def answer_sheet(image: Image.Image, title: str, answers: Sequence[tuple[str, float]]) -> Image.Image:
    """Draw the image with its title, and a bar for each answer, the most likely first.

    Args:
        image: an RGB image of any size; it is scaled to fit.
        title: the text above the bars: the file's name.
        answers: names of classes and their probabilities.
    """
    names = [lettering(name, 15) for name, _probability in answers]
    label = max(int(font.getlength(text)) for text, font in names) + 12
    width = 3 * _GAP + PICTURE + label + _BAR + 60
    sheet = Image.new("RGB", (width, PICTURE + 2 * _GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((_GAP, _GAP, _GAP + PICTURE - 1, _GAP + PICTURE - 1), MOUNT)
    small = _fitted(image)
    sheet.paste(small, (_GAP + (PICTURE - small.width) // 2, _GAP + (PICTURE - small.height) // 2))
    left = 2 * _GAP + PICTURE
    text, font = lettering(title, 15)
    draw.text((left, _GAP + 12), text, INK, font, anchor="lm")
    for row, ((name, font), (_name, probability)) in enumerate(zip(names, answers, strict=True)):
        middle = _GAP + 46 + row * _ROW
        draw.text((left, middle), name, INK, font, anchor="lm")
        start = left + label
        length = max(1, round(_BAR * probability))
        draw.rectangle((start, middle - 10, start + length, middle + 10), PALE if row else STRONG)
        share, small_font = lettering(f"{probability:.1%}", 14)
        draw.text((start + length + 6, middle), share, INK, small_font, anchor="lm")
    return sheet


def _fitted(image: Image.Image) -> Image.Image:
    scale = PICTURE / max(image.size)
    size = [max(1, round(side * scale)) for side in image.size]
    return image.resize(size, Image.Resampling.NEAREST if scale > 2 else Image.Resampling.LANCZOS)
