"""Images in the batch layout of CIFAR-10, which `cifar10` and `shapes10` use.

Source of the layout: https://www.cs.toronto.edu/~kriz/cifar.html. Each batch is a pickled dict with `data`, uint8
`(n, 3072)` (red, green, blue, each row by row), and `labels`, n ints; `batches.meta` holds `label_names`. torchvision
reads only complete copies of CIFAR-10, so the batches are read here. The unpickler allows only the types that the
layout needs.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from learn_torch.course import Pictures
from learn_torch.errors import DataError
from learn_torch.language import _

BATCHES = {True: tuple(f"data_batch_{n}" for n in range(1, 6)), False: ("test_batch",)}
"""The files for training (True) and for testing (False)."""


class BatchPictures(Pictures):
    """The images of some batches: 32×32, in memory.

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


def open_batches(folder: Path, *, train: bool, classes: tuple[str, ...], advice: str) -> BatchPictures:
    """Read the batches that exist in `folder`.

    Args:
        folder: holds the batches.
        train: read the training batches, else the test batch.
        classes: the names of the classes if there is no `batches.meta`. Labels must be below their number.
        advice: what to do about a batch that is missing or broken.

    Raises:
        DataError: there is none, or one is broken.
    """
    found = [folder / name for name in BATCHES[train] if (folder / name).is_file()]
    if not found:
        raise DataError(
            _("{folder} holds none of {names}").format(folder=folder, names=", ".join(BATCHES[train])), advice
        )
    try:
        batches = [_read_batch(path, len(classes)) for path in found]
        names = _class_names(folder / "batches.meta", classes)
    except DataError as error:
        raise DataError(error.message, advice) from error
    rows = np.concatenate([rows for rows, _targets in batches])
    return BatchPictures(rows, [target for _rows, targets in batches for target in targets], names)


class _PlainUnpickler(pickle.Unpickler):
    """Builds dicts, lists, numbers, text and NumPy arrays. Any other class or function is an error."""

    def find_class(self, module: str, name: str) -> Any:
        if name == "_reconstruct" and module in ("numpy.core.multiarray", "numpy._core.multiarray"):
            return np.empty(0).__reduce__()[0]
        if (module, name) in (("numpy", "ndarray"), ("numpy", "dtype")):
            return getattr(np, name)
        if (module, name) == ("_codecs", "encode"):  # Python 3 writes bytes like this in the old protocol
            return lambda text, _encoding: text.encode("latin1")
        raise pickle.UnpicklingError(f"{module}.{name} does not belong in an image batch")


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


def _read_batch(path: Path, classes: int) -> tuple[np.ndarray[Any, Any], list[int]]:
    batch = _unpickle(path)
    rows, targets = batch.get("data"), batch.get("labels")
    if not isinstance(rows, np.ndarray) or rows.dtype != np.uint8 or rows.ndim != 2 or rows.shape[1] != 3072:
        raise _broken(path, _("`data` is not a uint8 array of shape (n, 3072)"))
    if not isinstance(targets, list) or len(targets) != len(rows):
        raise _broken(path, _("`labels` is not a list with one label per row"))
    if not all(isinstance(target, int) and 0 <= target < classes for target in targets):
        raise _broken(path, _("`labels` has a value that is not 0 to {last}").format(last=classes - 1))
    return rows, targets


def _class_names(meta: Path, usual: tuple[str, ...]) -> tuple[str, ...]:
    if not meta.is_file():
        return usual
    names = _unpickle(meta).get("label_names")
    if not isinstance(names, list) or len(names) != len(usual):
        raise _broken(meta, _("`label_names` is not a list of {n} names").format(n=len(usual)))
    return tuple(name.decode("latin1") if isinstance(name, bytes) else str(name) for name in names)


def _broken(path: Path, reason: str) -> DataError:
    return DataError(
        _("{path} is not a batch of images: {reason}").format(
            path=path, reason=reason or _("it ends too early")
        )
    )
