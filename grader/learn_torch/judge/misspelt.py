"""Special methods that a submission misspells: `__int__` for `__init__`, `__len` for `__len__`.

Python does not notice such a name. It says of the class that it takes no arguments, or has no length.
"""

from __future__ import annotations

import difflib
import re
from itertools import islice
from typing import NamedTuple

_SPECIAL = (
    "init",
    "len",
    "getitem",
    "call",
    "iter",
    "next",
    "enter",
    "exit",
    "add",
    "eq",
    "repr",
    "str",
    "forward",
)
_METHOD = re.compile(r"^[ \t]+def[ \t]+(\w+)[ \t]*\([ \t]*self\b[ \t]*(,?)", re.MULTILINE)
_MOST = 1000
"""How many methods of a submission are looked at."""
# What Python says where a class lacks such a method, and which one.
_LACKS = (
    (
        re.compile(r"takes no arguments|__init__\(\) (?:takes 1 positional argument|got an unexpected)"),
        "init",
    ),
    (re.compile(r"has no len\(\)"), "len"),
    (re.compile(r"not subscriptable"), "getitem"),
    (re.compile(r"not callable"), "call"),
    (re.compile(r"not iterable"), "iter"),
    (re.compile(r'required "forward" function'), "forward"),
)


class Misspelt(NamedTuple):
    """A method's name as it is written, as it is meant, and its line."""

    written: str
    meant: str
    line: int


def misspelt(source: str, complaint: str) -> Misspelt | None:
    """The special method whose misspelt name explains Python's complaint; None if there is none.

    Args:
        source: the submission.
        complaint: the text of a TypeError or NotImplementedError.
    """
    lacking = next((name for pattern, name in _LACKS if pattern.search(complaint)), "")
    for found in islice(_METHOD.finditer(source), _MOST if lacking else 0):
        if _means(found[1], more=bool(found[2])) == lacking:
            meant = lacking if lacking == "forward" else f"__{lacking}__"
            return Misspelt(found[1], meant, source[: found.start(1)].count("\n") + 1)
    return None


def _means(name: str, *, more: bool) -> str:
    """The special method that a wrong name stands for; empty for a right name, or for one of another kind.

    `more` says whether the method takes more than `self`: `__int__` is a special method itself, but takes nothing else.
    """
    core = name.strip("_")
    if name in ("forward", f"__{core}__") and (core in _SPECIAL or (core == "int" and not more)):
        return ""
    close = difflib.get_close_matches(core, _SPECIAL, n=1, cutoff=0.75)
    # `len` or `call` is a name for any method; only with an underscore is it meant for Python.
    marked = name.startswith("_") or name.endswith("_") or close in (["init"], ["forward"])
    return close[0] if close and marked else ""
