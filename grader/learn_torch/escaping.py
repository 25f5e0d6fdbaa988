"""Texts of somebody else's, made safe to show: nothing in them is obeyed by a terminal or a CI runner."""

from __future__ import annotations

import re

# GitHub's runner takes a line that begins with two colons for a command, and its older kind, `##[…`, anywhere:
# https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands. Azure's runner (`##vso[…`) and
# TeamCity's (`##teamcity[…`) have a word before the bracket.
_COMMAND = re.compile(r"^([^\S\n]*):(?=:)|#(?=#[\w.-]*\[)", re.MULTILINE)


def printable(text: str, *, also: str = "") -> str:
    """`text` without characters that a terminal would obey: escaped, but for those in `also`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in also else c.encode("unicode_escape").decode() for c in text)


def harmless_line(text: str) -> str:
    """`text` in one line, a name or a path, made `harmless`."""
    return harmless(printable(text))


def harmless(text: str) -> str:
    """Lines of text without characters that a terminal would obey, and without what a CI runner would."""
    return _COMMAND.sub(
        lambda found: f"{found[1] or ''}\\x{ord(found[0][-1]):02x}", printable(text, also="\n\t")
    )
