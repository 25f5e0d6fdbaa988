"""What `learn verify` has to say against an exercise."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from learn_torch.escaping import harmless, harmless_line


class Finding(Struct, frozen=True):
    """Something that has to be mended.

    Args:
        exercise: `core/03`, a track, or a pack.
        rule: which promise is broken, in one word.
        message: what is wrong, and what would be right.
        file: where, if it is a file.
        line: where in the file, if that is known.
    """

    exercise: str
    rule: str
    message: str
    file: str = ""
    line: int | None = None


def finding(
    exercise: str, rule: str, message: str, file: Path | None = None, line: int | None = None
) -> Finding:
    """A finding, with its file as text. What it quotes is made safe to show."""
    return Finding(exercise, rule, harmless(message), "" if file is None else harmless_line(str(file)), line)
