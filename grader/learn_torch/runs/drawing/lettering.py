"""Fonts for text in images."""

from __future__ import annotations

from functools import lru_cache

from PIL import ImageFont

# Pillow's own font has only Latin letters. These are the Chinese fonts of Windows, macOS and common Linux systems.
_WIDER = (
    "msyh.ttc",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "NotoSansCJK-Regular.ttc",
    "wqy-microhei.ttc",
    "simhei.ttf",
)

Font = ImageFont.ImageFont | ImageFont.FreeTypeFont


def lettering(text: str, size: int) -> tuple[str, Font]:
    """The text to draw, and a font of `size` pixels for it.

    The font is Pillow's own, or a system font if the text is not Latin. If the system has no such font, unknown letters
    are drawn as boxes.
    """
    font = (None if _is_latin(text) else _wider(size)) or ImageFont.load_default(size)
    if isinstance(font, ImageFont.ImageFont):  # a Pillow without FreeType has only bitmaps of Latin letters
        text = text.encode("latin-1", "replace").decode("latin-1")
    return text, font


def either(translated: str, english: str) -> str:
    """The translation if this system has a font for it, else the English text."""
    return translated if _is_latin(translated) or _wider(12) else english


@lru_cache
def _wider(size: int) -> ImageFont.FreeTypeFont | None:
    for name in _WIDER:
        try:
            return ImageFont.truetype(name, size)
        except (OSError, ImportError):  # not on this system, or a Pillow without FreeType
            continue
    return None


def _is_latin(text: str) -> bool:
    return all(ord(letter) < 0x250 or letter in "·–—’…" for letter in text)
