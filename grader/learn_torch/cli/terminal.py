"""How commands speak: to people on a terminal, plainly when piped, and on a console that is not UTF-8, too."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.console import Console

_PIPED = 4096  # nothing is wrapped or cut for a reader that is a program


def prepare_streams() -> None:
    """Make output survive a console that cannot show every character."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def out() -> Console:
    """Standard output for people. Texts of a submission's go through `rich.text.Text`, never as markup."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPED)


def err() -> Console:
    """Standard error: warnings, errors, progress."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else _PIPED)


def from_here(path: str | Path) -> str:
    """A path as short as it can be said from the current folder."""
    full = Path(path).resolve()
    return str(full.relative_to(Path.cwd())) if full.is_relative_to(Path.cwd()) else str(path)


class Marks(NamedTuple):
    """The signs beside a check."""

    passed: str
    failed: str
    error: str


def marks() -> Marks:
    """Signs that standard output can show."""
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    return Marks("✓", "✗", "!") if encoding.startswith("utf") else Marks("+", "x", "!")


def print_indented(console: Console, text: str, indent: int, style: str = "") -> None:
    """Print `text` so many columns in; on a terminal its long lines are wrapped there, too."""
    from rich.padding import Padding
    from rich.text import Text

    if console.is_terminal:
        console.print(Padding(Text(text, style), (0, 0, 0, indent)))
    else:
        console.print(Text(textwrap.indent(text, " " * indent), style))
