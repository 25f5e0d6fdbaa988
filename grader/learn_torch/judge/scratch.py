"""The folders of check sessions: made private, and removed whatever a submission has put there."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from learn_torch.errors import EngineError
from learn_torch.language import _

_PATIENCE = 2.0
"""Seconds for a process that is being ended to stop making files."""


def make_base() -> Path:
    """A private folder for the sessions of one checker.

    Raises:
        EngineError: there is no room, or no permission, for one.
    """
    try:
        return Path(tempfile.mkdtemp(prefix="learn-")).resolve()
    except OSError as error:
        raise _no_folder(error) from error


@contextlib.contextmanager
def session_folder(base: Path) -> Iterator[Path]:
    """A private folder for one check session, with `scratch` and `given` in it; removed afterwards.

    Raises:
        EngineError: there is no room, or no permission, for one.
    """
    try:
        folder = Path(tempfile.mkdtemp(dir=base))
        (folder / "scratch").mkdir()
        (folder / "given").mkdir()
    except OSError as error:
        raise _no_folder(error) from error
    try:
        yield folder
    finally:
        remove(folder)


def _no_folder(error: OSError) -> EngineError:
    return EngineError(
        _("no temporary folder can be made: {error}").format(error=error),
        _("free some space, or set TMPDIR"),
    )


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it: thousands of nested folders, links, names that are no text.

    Links are not followed. What cannot be removed stays, silently: there is nobody who could do something about it.
    """
    deadline = time.monotonic() + _PATIENCE
    while os.path.lexists(folder):
        with contextlib.suppress(OSError):
            _empty(os.fsencode(folder))
            os.rmdir(folder)
        if time.monotonic() > deadline:
            return


def _empty(folder: bytes) -> None:
    """Remove what is in a folder. Folders in folders are moved up first, so that no path becomes long."""
    number = 0
    while True:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries]
        if not names:
            return
        for name in names:
            path = os.path.join(folder, name)
            if not stat.S_ISDIR(os.lstat(path).st_mode):
                os.unlink(path)
                continue
            os.chmod(path, 0o700)  # it may have been made so that nobody can look into it
            with os.scandir(path) as entries:
                for entry in entries:
                    if not entry.is_dir(follow_symlinks=False):
                        os.unlink(entry.path)
                        continue
                    os.chmod(entry.path, 0o700)
                    while os.path.lexists(higher := os.path.join(folder, b"%d.moved" % number)):
                        number += 1
                    os.rename(entry.path, higher)
            os.rmdir(path)
