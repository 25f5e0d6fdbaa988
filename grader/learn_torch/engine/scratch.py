"""The folders of check sessions: private, and removed whatever a submission has put there."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from learn_torch.errors import EngineError
from learn_torch.language import _

_PATIENCE = 2.0
"""Seconds to go on removing, because a process that is being killed may still create files."""


def make_base() -> Path:
    """A private folder for the sessions of one checker.

    Raises:
        EngineError: there is no space or no permission.
    """
    try:
        return Path(tempfile.mkdtemp(prefix="learn-")).resolve()
    except OSError as error:
        raise _no_folder(error) from error


@contextlib.contextmanager
def session_folder(base: Path) -> Iterator[Path]:
    """A private folder for one check session, with `scratch` and `given` in it; removed afterwards.

    Raises:
        EngineError: there is no space or no permission.
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
        _("cannot create a temporary folder: {error}").format(error=error),
        _("free some space, or set TMPDIR"),
    )


def remove(folder: Path) -> None:
    """Remove a folder with its contents: thousands of nested folders, links, names that are not valid text.

    Links are not followed, not even a link that replaces a folder in the meantime. What cannot be removed stays; no
    error is raised.
    """
    if os.open not in os.supports_dir_fd:  # Windows
        shutil.rmtree(folder, ignore_errors=True)
        return
    deadline = time.monotonic() + _PATIENCE
    while os.path.lexists(folder):
        with contextlib.suppress(OSError):
            with _opened(str(folder), None) as descriptor:
                _empty(descriptor)
            os.rmdir(folder)
        if time.monotonic() > deadline:
            return


def empty(folder: str) -> None:
    """Remove the contents of a folder that no process writes to any more. What cannot be removed stays."""
    if os.open not in os.supports_dir_fd:  # Windows
        for entry in os.scandir(folder):
            shutil.rmtree(entry.path, ignore_errors=True)
        return
    with contextlib.suppress(OSError), _opened(folder, None) as descriptor:
        _empty(descriptor)


def _empty(folder: int) -> None:
    """Remove the contents of a folder. Nested folders are moved up first, so that no path becomes too long."""
    numbers = itertools.count()
    while names := os.listdir(folder):
        for name in names:
            if not _is_folder(name, folder):
                os.unlink(name, dir_fd=folder)
                continue
            with _opened(name, folder) as inside:
                for inner in os.listdir(inside):
                    if _is_folder(inner, inside):
                        _move_up(inner, inside, folder, numbers)
                    else:
                        os.unlink(inner, dir_fd=inside)
            os.rmdir(name, dir_fd=folder)


def _move_up(name: str, source: int, target: int, numbers: Iterator[int]) -> None:
    higher = next(new for n in numbers if not _exists(new := f"{n}.moved", target))
    try:
        os.rename(name, higher, src_dir_fd=source, dst_dir_fd=target)
    except PermissionError:  # moving a folder changes its `..`, so the folder itself must be writable
        with _opened(name, source):
            os.rename(name, higher, src_dir_fd=source, dst_dir_fd=target)


def _exists(name: str, folder: int) -> bool:
    try:
        os.lstat(name, dir_fd=folder)
    except FileNotFoundError:
        return False
    return True


def _is_folder(name: str, folder: int) -> bool:
    return stat.S_ISDIR(os.lstat(name, dir_fd=folder).st_mode)


@contextlib.contextmanager
def _opened(name: str, folder: int | None) -> Iterator[int]:
    """A folder's descriptor. The folder becomes readable and writable, whatever its mode was."""
    flags = os.O_DIRECTORY | os.O_NOFOLLOW
    try:
        descriptor = os.open(name, flags | os.O_RDONLY, dir_fd=folder)
    except PermissionError:
        closed = os.open(name, flags | getattr(os, "O_PATH", 0), dir_fd=folder)
        try:
            os.chmod(f"/proc/self/fd/{closed}", 0o700)
        finally:
            os.close(closed)
        descriptor = os.open(name, flags | os.O_RDONLY, dir_fd=folder)
    try:
        os.fchmod(descriptor, 0o700)
        yield descriptor
    finally:
        os.close(descriptor)
