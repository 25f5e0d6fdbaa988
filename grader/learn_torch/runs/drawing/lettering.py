"""Text in images: a font that can show it."""

from __future__ import annotations

from functools import lru_cache

from PIL import ImageFont

# Pillow's own font knows Latin letters only; these are what Windows, macOS and common Linux systems have for Chinese.
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
    """`text` as it can be drawn, and a font of `size` pixels for it.

    The font is Pillow's own, or one of the system's where the text is not Latin. Where the system has none, unknown
    letters come out as boxes.
    """
    font = (None if _is_latin(text) else _wider(size)) or ImageFont.load_default(size)
    if isinstance(
        font, ImageFont.ImageFont
    ):  # a Pillow without FreeType: bitmaps of Latin letters, nothing else
        text = text.encode("latin-1", "replace").decode("latin-1")
    return text, font


def either(translated: str, english: str) -> str:
    """The translation, where this system has a font that can show it."""
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
