"""The language in which learn speaks: English, or Simplified Chinese.

What the code says goes through `_`; what authors write stands in both languages in a manifest, as a `Text`.
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
    # English is the language of the source; a missing Chinese catalogue is a broken installation and raises.
    if lang == "en":
        return gettext.NullTranslations()
    return gettext.translation(_DOMAIN, _FOLDER, languages=["zh_CN"])


def _(message: str) -> str:
    """The message in the language in use. Fill its `{fields}` afterwards: `_("{n} checks").format(n=3)`."""
    return _catalogue(_current.get()).gettext(message)


def ngettext(one: str, many: str, n: int) -> str:
    """`one` or `many`, by the number, in the language in use."""
    return _catalogue(_current.get()).ngettext(one, many, n)


def language() -> str:
    """The language in use: `en` or `zh`."""
    return _current.get()


def use_language(lang: str) -> None:
    """Speak `lang` from here on."""
    _current.set(lang)


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Speak `lang` inside the block."""
    token = _current.set(lang)
    try:
        yield
    finally:
        _current.reset(token)


def preferred_language() -> str:
    """What the user's environment asks for: `LEARN_LANG`, else the locale's variables, else English."""
    for variable in ("LEARN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"
