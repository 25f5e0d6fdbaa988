"""Escape text from untrusted sources, so that neither a terminal nor a CI runner obeys anything in it."""

from __future__ import annotations

import re

# GitHub's runner obeys a line that begins with two colons, and the older form `##[…` anywhere in a line:
# https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands. Azure's runner (`##vso[…`) and
# TeamCity's (`##teamcity[…`) have a word before the bracket.
_COMMAND = re.compile(r"^([^\S\n]*):(?=:)|#(?=#[\w.-]*\[)", re.MULTILINE)


def printable(text: str, *, also: str = "") -> str:
    """`text` with every unprintable character escaped, except those in `also`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in also else c.encode("unicode_escape").decode() for c in text)


def harmless_line(text: str) -> str:
    """A name or a path, made `harmless` and kept on one line."""
    return harmless(printable(text))


def harmless(text: str) -> str:
    """`text` with everything escaped that a terminal or a CI runner would obey. Keeps line ends and tabs."""
    return _COMMAND.sub(
        lambda found: f"{found[1] or ''}\\x{ord(found[0][-1]):02x}", printable(text, also="\n\t")
    )
