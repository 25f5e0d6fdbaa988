"""The lines of a submission, counted as Python counts them: a form feed or U+2028 ends none."""

from __future__ import annotations

import io
import tokenize


def lines_of(source: bytes) -> list[str]:
    """The lines of UTF-8 with their ends, which are `\\n`. What cannot be decoded is replaced."""
    return _read(source, "utf-8-sig")


def declared_lines_of(source: bytes) -> list[str]:
    """The lines in the encoding that the source declares. Only for a worker: a decoder can be kept busy for long."""
    try:
        return _read(source, tokenize.detect_encoding(io.BytesIO(source).readline)[0])
    except (SyntaxError, LookupError, UnicodeError):  # no encoding of texts, or one that cannot replace
        return _read(source, "utf-8-sig")


def _read(source: bytes, encoding: str) -> list[str]:
    return io.TextIOWrapper(io.BytesIO(source), encoding, "replace").readlines()
