"""Lists of folders in an order that is the same on every machine, and is no order of names.

The order in which a file system lists a folder differs from disk to disk, and with it what code answers that forgets to
sort. A known mistake is recognised by its answers, so a traced run has an order of its own, drawn from the names.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import Any


def use_an_order_of_its_own() -> None:
    """Replace `os.listdir` and `os.scandir`, which pathlib, glob and `os.walk` use, in this process."""
    listdir, scandir = os.listdir, os.scandir

    def ordered_listdir(path: Any = ".") -> list[Any]:
        return sorted(listdir(path), key=_place)

    def ordered_scandir(path: Any = ".") -> _Entries:
        with scandir(path) as entries:
            return _Entries(sorted(entries, key=lambda entry: _place(entry.name)))

    os.listdir, os.scandir = ordered_listdir, ordered_scandir  # type: ignore[assignment]


class _Entries:
    """What `os.scandir` returns."""

    def __init__(self, entries: list[os.DirEntry[Any]]) -> None:
        self._entries = iter(entries)

    def __iter__(self) -> Iterator[os.DirEntry[Any]]:
        return self

    def __next__(self) -> os.DirEntry[Any]:
        return next(self._entries)

    def __enter__(self) -> _Entries:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the iteration."""
        self._entries = iter(())


def _place(name: str | bytes) -> bytes:
    return hashlib.sha256(os.fsencode(name)).digest()
