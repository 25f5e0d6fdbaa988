"""CIFAR-10 in its Python version: 32×32 colour images of ten classes.

Source: Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009,
https://www.cs.toronto.edu/~kriz/cifar.html.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

from learn_torch.errors import DataError
from learn_torch.language import _
from learn_torch.runs.images.batches import BATCHES, BatchPictures, open_batches
from learn_torch.runs.images.cache import CHECKSUMS, make_once

FOLDER = "cifar-10-batches-py"
PAGE = "https://www.cs.toronto.edu/~kriz/cifar.html"
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_WHOLE = {True: 50_000, False: 10_000}
_NETWORK_TIMEOUT = 30.0
"""Seconds to wait for an answer of the network."""


def download(folder: Path) -> None:
    """Download the dataset into `folder` with torchvision, which compares the checksums.

    Raises:
        DataError: there is no network, or the download is broken.
    """
    from torchvision.datasets import CIFAR10

    # By default urllib waits forever, and torchvision has no option for a time-out.
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
) -> BatchPictures:
    """Open the copy in `root`, or download it there.

    Args:
        root: the folder that holds `cifar-10-batches-py`, or that folder itself.
        say: tells the user about a download or an incomplete copy.
        train: read the training batches, else the test batch.
        fetch: downloads the dataset into a folder.

    Raises:
        DataError: there is no copy and no network, or the copy is broken.
    """
    folder = root if root.name == FOLDER else root / FOLDER
    if (
        not folder.is_dir() or (folder / CHECKSUMS).is_file()
    ):  # our own download: download it again if it is damaged
        folder = _fetched(folder, say, fetch)
    pictures = open_batches(folder, train=train, classes=CLASSES, advice=_both_ways())
    if len(pictures) != _WHOLE[train]:
        say(
            _("{folder} is not a complete CIFAR-10: {n:,} of {whole:,} images, from {files}").format(
                folder=folder,
                n=len(pictures),
                whole=_WHOLE[train],
                files=", ".join(name for name in BATCHES[train] if (folder / name).is_file()),
            )
        )
    return pictures


def _fetched(folder: Path, say: Callable[[str], None], fetch: Callable[[Path], None]) -> Path:
    def make(target: Path) -> None:
        say(_("downloading CIFAR-10 (170 MB) to {folder}").format(folder=folder))
        # torchvision unpacks into a folder of this name beside the archive; only that folder is kept.
        fetch(target.parent / "download")
        target.rmdir()
        (target.parent / "download" / FOLDER).rename(target)

    try:
        return make_once(folder, make, say)
    except DataError as error:
        raise DataError(
            _("there is no CIFAR-10 in {folder}, and it cannot be downloaded: {reason}").format(
                folder=folder.parent, reason=error.message
            ),
            _both_ways(),
        ) from error


def _both_ways() -> str:
    return _(
        "run the command again with a network; or download the Python version from {page}, unpack it, and give "
        "the folder that holds {folder}: --data-root DIR"
    ).format(page=PAGE, folder=FOLDER)
