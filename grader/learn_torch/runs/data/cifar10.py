"""CIFAR-10 in its python version: 32×32 colour pictures of ten classes.

Source and layout: Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009,
https://www.cs.toronto.edu/~kriz/cifar.html. Each batch is a pickled dict with `data`, uint8 `(n, 3072)` (red, green,
blue, each row by row), and `labels`, n ints. The batches are read here rather than by torchvision, which takes complete
copies only; pickle is kept from building anything but what that layout needs.
"""

from __future__ import annotations

import pickle
import socket
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from learn_torch.course import Pictures
from learn_torch.errors import DataError
from learn_torch.language import _
from learn_torch.runs.data.cache import make_once

FOLDER = "cifar-10-batches-py"
PAGE = "https://www.cs.toronto.edu/~kriz/cifar.html"
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_BATCHES = {True: tuple(f"data_batch_{n}" for n in range(1, 6)), False: ("test_batch",)}
_WHOLE = {True: 50_000, False: 10_000}
_NETWORK_TIMEOUT = 30.0
"""Seconds without an answer after which there is no network."""


class Cifar10Pictures(Pictures):
    """The rows of some batches.

    Args:
        rows: uint8 `(n, 3072)`.
        targets: n class indices.
        classes: their names.
    """

    def __init__(self, rows: np.ndarray[Any, Any], targets: list[int], classes: tuple[str, ...]) -> None:
        self.classes = classes
        self._rows = rows
        self._targets = targets

    def __len__(self) -> int:
        return len(self._targets)

    def __getitem__(self, index: int) -> tuple[Image.Image, int]:
        pixels = self._rows[index].reshape(3, 32, 32).transpose(1, 2, 0)
        return Image.fromarray(np.ascontiguousarray(pixels)), self._targets[index]


def download(folder: Path) -> None:
    """Fetch the data set into `folder` by torchvision, which compares the checksums.

    Raises:
        DataError: there is no network, or what came is broken.
    """
    from torchvision.datasets import CIFAR10

    # urllib waits for ever by default, and torchvision offers no way to say otherwise.
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_NETWORK_TIMEOUT)
    try:
        CIFAR10(str(folder), download=True)
    except (OSError, RuntimeError, HTTPException, EOFError) as error:
        raise DataError(str(error)) from error
    finally:
        socket.setdefaulttimeout(before)


def open_cifar10(
    root: Path,
    say: Callable[[str], None],
    *,
    train: bool,
    fetch: Callable[[Path], None] = download,
) -> Cifar10Pictures:
    """Open the copy in `root`, or download it there.

    Args:
        root: the folder that holds `cifar-10-batches-py`, or that folder itself.
        say: tells the user of a download, and of a copy that is not the whole.
        train: the training batches, or the test batch.
        fetch: downloads the data set into a folder.

    Raises:
        DataError: there is no copy and no network, or the copy is broken.
    """
    folder = root if root.name == FOLDER else root / FOLDER
    if not folder.is_dir():
        folder = _fetched(folder, say, fetch)
    found = [folder / name for name in _BATCHES[train] if (folder / name).is_file()]
    if not found:
        raise DataError(
            _("{folder} holds none of {names}").format(folder=folder, names=", ".join(_BATCHES[train])),
            _both_ways(),
        )
    batches = [_read_batch(path) for path in found]
    rows = np.concatenate([rows for rows, _targets in batches])
    targets = [target for _rows, targets in batches for target in targets]
    if len(targets) != _WHOLE[train]:
        say(
            _("{folder} is not the whole of CIFAR-10: {n:,} of {whole:,} pictures, from {files}").format(
                folder=folder,
                n=len(targets),
                whole=_WHOLE[train],
                files=", ".join(path.name for path in found),
            )
        )
    return Cifar10Pictures(rows, targets, _class_names(folder / "batches.meta"))


def _fetched(folder: Path, say: Callable[[str], None], fetch: Callable[[Path], None]) -> Path:
    say(_("downloading CIFAR-10 (170 MB) to {folder}").format(folder=folder))

    def make(target: Path) -> None:
        # torchvision unpacks into a folder of this name beside the archive; only that folder is kept.
        fetch(target.parent / "download")
        target.rmdir()
        (target.parent / "download" / FOLDER).rename(target)

    try:
        return make_once(folder, make)
    except DataError as error:
        raise DataError(
            _("there is no CIFAR-10 in {folder}, and it cannot be downloaded: {reason}").format(
                folder=folder.parent, reason=error.message
            ),
            _both_ways(),
        ) from error


def _both_ways() -> str:
    return _(
        "again where there is a network, or fetch the python version from {page}, unpack it, and name "
        "the folder that holds {folder}: --data-root DIR"
    ).format(page=PAGE, folder=FOLDER)


class _PlainUnpickler(pickle.Unpickler):
    """Builds dicts, lists, numbers, text and NumPy arrays; any other class or function is refused."""

    def find_class(self, module: str, name: str) -> Any:
        if name == "_reconstruct" and module in ("numpy.core.multiarray", "numpy._core.multiarray"):
            return np.empty(0).__reduce__()[0]
        if (module, name) in (("numpy", "ndarray"), ("numpy", "dtype")):
            return getattr(np, name)
        if (module, name) == ("_codecs", "encode"):  # how Python 3 writes bytes in the old protocol
            return lambda text, _encoding: text.encode("latin1")
        raise pickle.UnpicklingError(f"{module}.{name} does not belong into a picture batch")


def _unpickle(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = _PlainUnpickler(file, encoding="latin1").load()
    except OSError as error:
        raise _broken(path, str(error.strerror or error)) from error
    except Exception as error:  # a damaged pickle may raise anything
        raise _broken(path, str(error)) from error
    if not isinstance(content, dict):
        raise _broken(path, _("not a dict"))
    return {
        key.decode("latin1") if isinstance(key, bytes) else str(key): value for key, value in content.items()
    }


def _read_batch(path: Path) -> tuple[np.ndarray[Any, Any], list[int]]:
    batch = _unpickle(path)
    rows, targets = batch.get("data"), batch.get("labels")
    if not isinstance(rows, np.ndarray) or rows.dtype != np.uint8 or rows.ndim != 2 or rows.shape[1] != 3072:
        raise _broken(path, _("`data` is not a uint8 array of shape (n, 3072)"))
    if not isinstance(targets, list) or len(targets) != len(rows):
        raise _broken(path, _("`labels` is not a list with a label for every row"))
    if not all(isinstance(target, int) and 0 <= target < len(CLASSES) for target in targets):
        raise _broken(path, _("`labels` holds something else than 0 to 9"))
    return rows, targets


def _class_names(meta: Path) -> tuple[str, ...]:
    if not meta.is_file():
        return CLASSES
    names = _unpickle(meta).get("label_names")
    if not isinstance(names, list) or len(names) != len(CLASSES):
        raise _broken(meta, _("`label_names` is not a list of ten names"))
    return tuple(name.decode("latin1") if isinstance(name, bytes) else str(name) for name in names)


def _broken(path: Path, reason: str) -> DataError:
    return DataError(
        _("{path} is not a batch of CIFAR-10: {reason}").format(
            path=path, reason=reason or _("it ends too early")
        ),
        _both_ways(),
    )
