"""The findings of `learn verify`."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from learn_torch.escaping import harmless, harmless_line


class Finding(Struct, frozen=True):
    """A problem that must be fixed.

    Args:
        exercise: `core/03`, a track, or a pack.
        rule: the name of the broken rule, one word.
        message: what is wrong, and what would be right.
        file: the file, if it is in a file.
        line: the line in the file, if known.
    """

    exercise: str
    rule: str
    message: str
    file: str = ""
    line: int | None = None


def finding(
    exercise: str, rule: str, message: str, file: Path | None = None, line: int | None = None
) -> Finding:
    """Make a finding. Quoted text in it is escaped for display."""
    return Finding(exercise, rule, harmless(message), "" if file is None else harmless_line(str(file)), line)
