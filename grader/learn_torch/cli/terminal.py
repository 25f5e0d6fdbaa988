"""Output of commands: styled on a terminal, plain when piped, and safe on a console that is not UTF-8."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import sys
import textwrap
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from learn_torch.escaping import harmless, harmless_line, printable

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer
    from rich.console import Console

_PIPED = 4096  # columns: do not wrap or cut lines that a program reads


class _Stream(io.FileIO):
    """Standard output or error. The first failed write raises; later output is dropped."""

    lost: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        if self.lost is not None:
            return memoryview(data).nbytes
        try:
            return super().write(data)
        except OSError as error:
            self.lost = error
            raise


def prepare_streams() -> None:
    """Make output work on a console that cannot show every character, and with closed streams."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            _occupy_closed_streams()
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # open until exit
        elif stream is getattr(sys, f"__{name}__") and not (os.name == "nt" and stream.isatty()):
            raw = _Stream(stream.fileno(), "w", closefd=False)
            buffered = stream.line_buffering, stream.write_through
            errors = "backslashreplace"
            setattr(
                sys, name, io.TextIOWrapper(io.BufferedWriter(raw), stream.encoding, errors, None, *buffered)
            )
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _occupy_closed_streams() -> None:
    # The next opened file would get the number of the closed stream, and output would go into it.
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)


def lost_output() -> OSError | None:
    """The error of writing to standard output, if one has occurred so far."""
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return raw.lost if isinstance(raw, _Stream) else None


def out() -> Console:
    """Standard output for people. Pass untrusted text through `harmless`, and never as markup."""
    return _console(stderr=False)


def err() -> Console:
    """Standard error: warnings, errors, progress."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    class Ours(Console):
        def on_broken_pipe(self) -> None:  # rich would exit with 1, which says "not passed"
            raise

    stream = sys.stderr if stderr else sys.stdout
    return Ours(stderr=stderr, highlight=False, width=None if stream.isatty() else _PIPED)


def say(text: str, style: str = "") -> None:
    """Print a text on standard output. It may contain untrusted parts."""
    if not sys.stdout.isatty():  # loading rich takes as long as the rest of a command
        print(harmless(text))
        return
    from rich.text import Text

    out().print(Text(harmless(text), style))


def print_document(text: str | bytes) -> None:
    """Print a document for programs, such as JSON, on standard output. It is UTF-8 on any console."""
    sys.stdout.flush()
    sys.stdout.buffer.write((text.encode() if isinstance(text, str) else text) + b"\n")
    sys.stdout.buffer.flush()


def warn(text: str) -> None:
    """Print a text on standard error. It may contain untrusted parts."""
    from rich.text import Text

    err().print(Text(harmless(text)))


def print_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    styles: Sequence[str],
    cut: int,
) -> None:
    """Print a table on standard output. It may contain untrusted parts.

    Args:
        headings: one for each column.
        rows: their cells.
        styles: of the first cell of each row.
        cut: the column whose texts are cut on a terminal that is too narrow.
    """
    cells = [[harmless_line(text) for text in row] for row in rows]
    if not sys.stdout.isatty():
        widths = [max(map(_width, column)) for column in zip(headings, *cells, strict=True)]
        for row in (headings, *cells):
            line = "  ".join(
                text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True)
            )
            print(line.rstrip())
        return
    from rich.table import Table
    from rich.text import Text

    console = out()
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="dim")
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    widths = [max(map(_width, column)) for column in zip(headings, *cells, strict=True)]
    room = max(console.width - sum(widths) - 2 * len(widths) + 2 + widths[cut], _width(headings[cut]))
    for row, style in zip(cells, styles, strict=True):
        texts = [Text(row[0], style), *map(Text, row[1:])]
        texts[cut].truncate(room, overflow="ellipsis")
        table.add_row(*texts)
    console.print(table)


def _width(text: str) -> int:
    # A Chinese character is two columns wide.
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


def for_shell(path: str | Path) -> str:
    """A path, quoted for use after a command such as `cd`."""
    text = printable(os.fspath(path))
    if text.startswith("-"):
        text = f".{os.sep}{text}"
    if os.name == "nt":
        return f'"{text}"' if " " in text else text
    return shlex.quote(text)


def from_here(path: str | Path) -> str:
    """A path, relative to the current folder if it lies inside it."""
    here, full = Path.cwd(), Path(path).resolve()
    return str(full.relative_to(here)) if full.is_relative_to(here) else str(path)


def turning(console: Console, text: str) -> contextlib.AbstractContextManager[object]:
    """Something that turns beside a text while the block runs; nothing if `console` is not a terminal."""
    if not console.is_terminal:
        return contextlib.nullcontext()
    return console.status(text, spinner="dots" if _is_unicode() else "line")


class Marks(NamedTuple):
    """The signs beside a check."""

    passed: str
    failed: str
    error: str


def marks() -> Marks:
    """The signs, in characters that standard output can show."""
    return Marks("✓", "✗", "!") if _is_unicode() else Marks("+", "x", "!")


def _is_unicode() -> bool:
    return (sys.stdout.encoding or "ascii").lower().startswith("utf")


def print_indented(console: Console, text: str, indent: int, style: str = "") -> None:
    """Print `text`, indented by `indent` columns; on a terminal, wrapped lines are indented, too."""
    from rich.padding import Padding
    from rich.text import Text

    if console.is_terminal:
        console.print(Padding(Text(text, style), (0, 0, 0, indent)))
    else:
        console.print(Text(textwrap.indent(text, " " * indent), style))
