"""The language of `learn`: English or Simplified Chinese.

Messages in the code go through `_`. Texts of exercise authors are in both languages in a manifest, as a `Text`.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("en", "zh")
_DOMAIN = "learn_torch"
_FOLDER = Path(__file__).parent / "locale"

_current: ContextVar[str] = ContextVar("language", default="en")


@lru_cache
def _catalogue(lang: str) -> gettext.NullTranslations:
    # The source is in English. A missing Chinese catalogue means a broken installation, so it raises.
    if lang == "en":
        return gettext.NullTranslations()
    return gettext.translation(_DOMAIN, _FOLDER, languages=["zh_CN"])


def _(message: str) -> str:
    """The message in the current language. Fill in its `{fields}` afterwards: `_("{n} checks").format(n=3)`."""
    return _catalogue(_current.get()).gettext(message)


def ngettext(one: str, many: str, n: int) -> str:
    """`one` or `many`, depending on `n`, in the current language."""
    return _catalogue(_current.get()).ngettext(one, many, n)


def sentences(*texts: str) -> str:
    """These sentences in a row: a full-width stop needs no space after it."""
    return " ".join(text for text in texts if text).replace("。 ", "。")


def language() -> str:
    """The current language: `en` or `zh`."""
    return _current.get()


def use_language(lang: str) -> None:
    """Use `lang` from now on."""
    _current.set(lang)


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Use `lang` inside the block."""
    token = _current.set(lang)
    try:
        yield
    finally:
        _current.reset(token)


def preferred_language() -> str:
    """The language of the user's environment: `LEARN_LANG`, else the locale variables, else English."""
    for variable in ("LEARN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"
