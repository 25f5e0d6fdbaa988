"""The user's cache folder, and folders that are made there once."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from learn_torch.errors import DataError, in_a_line
from learn_torch.language import _

CHECKSUMS = "checksums.json"
"""The file with the SHA-256 of every other file in a folder that was made here."""


def cache_folder() -> Path:
    """The folder for datasets: `LEARN_CACHE`, or `learn-torch` in the system's folder for caches.

    It may not exist yet.
    """
    own = os.environ.get("LEARN_CACHE")
    return Path(own).expanduser() if own else user_cache_path("learn-torch", appauthor=False)


def make_once(target: Path, make: Callable[[Path], None], say: Callable[[str], None]) -> Path:
    """Make the folder `target` with `make(folder)`, unless it already exists undamaged. Returns `target`.

    It is made under a temporary name and renamed when it is complete, so it is never visible half-made, and an
    interruption leaves no `target`. The folder also holds checksums of its files; if one differs, the folder is made
    again. If two processes call this at once, one makes the folder and the other waits.

    Args:
        target: the folder.
        make: fills the empty folder that it is given.
        say: tells the user that the folder was damaged.

    Raises:
        DataError: the folder cannot be written. Any exception of `make` other than `OSError` passes through.
    """
    # First without the lock: a shared copy may be in a folder that is not writable.
    if _is_whole(target):
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.parent / f".{target.name}.lock"):
            if not _is_whole(target):
                if target.is_dir():
                    say(_("{folder} is damaged and will be made again").format(folder=target))
                _make_anew(target, make)
    except OSError as error:
        raise _cannot_write(target, error) from error
    return target


def _make_anew(target: Path, make: Callable[[Path], None]) -> None:
    for left_over in target.parent.glob(
        f".{target.name}-*"
    ):  # of a process that was killed; this one holds the lock
        shutil.rmtree(left_over, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        making = work / target.name  # a sub-folder, because the temporary folder itself is private
        making.mkdir()
        make(making)
        (making / CHECKSUMS).write_text(json.dumps(_checksums(making), indent=1), encoding="utf-8")
        if target.is_dir():
            target.rename(work / "damaged")
        making.rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _is_whole(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / CHECKSUMS).read_text("utf-8")) == _checksums(folder))
    except (OSError, ValueError):
        return False


def _checksums(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != CHECKSUMS)
    return {path.relative_to(folder).as_posix(): _sha256(path) for path in files}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _cannot_write(folder: Path, error: OSError) -> DataError:
    return DataError(
        _("{folder} cannot be written: {reason}").format(folder=folder, reason=in_a_line(error)),
        _("use another folder: --data-root DIR, or for all datasets the environment variable LEARN_CACHE"),
    )
