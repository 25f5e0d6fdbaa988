"""The user's cache folder, and things that are made there once."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from learn_torch.errors import DataError
from learn_torch.language import _


def cache_folder() -> Path:
    """Where data sets are kept: `LEARN_CACHE`, or `learn-torch` in the folder that the system has for caches.

    That is `$XDG_CACHE_HOME` or `~/.cache` (XDG Base Directory Specification), `~/Library/Caches` on macOS and
    `%LOCALAPPDATA%` on Windows. It may not exist yet.
    """
    own = os.environ.get("LEARN_CACHE")
    if own:
        return Path(own).expanduser()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "learn-torch" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "learn-torch"
    shared = os.environ.get("XDG_CACHE_HOME", "")
    # The specification: a relative path in the variable is to be ignored.
    return (Path(shared) if os.path.isabs(shared) else Path.home() / ".cache") / "learn-torch"


def make_once(target: Path, make: Callable[[Path], None]) -> Path:
    """The folder `target`, made by `make(folder)` where it does not exist yet.

    It is made under another name beside its place and renamed when it is complete: nobody ever sees it half-made, an
    interrupted making leaves no `target`, and of two processes that make it at once one wins and both use it.

    Raises:
        DataError: the folder cannot be written. What `make` raises besides `OSError` passes through.
    """
    if target.is_dir():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise _cannot_write(target.parent, error) from error
    try:
        making = work / target.name  # inside: a temporary folder itself is closed to everybody else
        making.mkdir()
        make(making)
        try:
            making.rename(target)
        except OSError:
            if not target.is_dir():  # otherwise somebody else was quicker
                raise
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target


def _cannot_write(folder: Path, error: OSError) -> DataError:
    return DataError(
        _("{folder} cannot be written: {reason}").format(folder=folder, reason=error.strerror or error),
        _(
            "another place, with --data-root DIR, or for all data sets with the environment variable LEARN_CACHE"
        ),
    )
