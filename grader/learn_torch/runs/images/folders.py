"""Images in folders, with one folder per class."""

from __future__ import annotations

import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from learn_torch.course import Pictures
from learn_torch.errors import DataError
from learn_torch.language import _, ngettext

SUFFIXES = (".jpg", ".jpeg", ".png")
"""The file endings of images, in upper or lower case, as in exercise `core/01`."""

UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""The exceptions of Pillow for a broken file, and of Python for a file without read permission."""


class ClassFolders(Pictures):
    """A folder of class folders: `train/ants/*.jpg`, `train/bees/*.png`. Classes and images are sorted by name.

    Other files, sub-folders of a class and hidden folders are ignored. A class folder without images is left out.

    Args:
        folder: the folder that holds the class folders.
        say: tells the user what is left out.

    Raises:
        DataError: it is not such a folder; the message says what was found and what is expected.
    """

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        by_class = {name: pictures_in(path) for name, path in _sub_folders(folder).items()}
        self.classes = tuple(name for name, files in by_class.items() if files)
        if not self.classes:
            raise _no_pictures(folder, tuple(by_class))
        for name in by_class.keys() - set(self.classes):
            say(_("{folder}: no images, left out").format(folder=folder / name))
        self._folder = folder
        self._files = [(file, n) for n, name in enumerate(self.classes) for file in by_class[name]]

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int) -> tuple[Image.Image, int]:
        path, target = self._files[index]
        try:
            with Image.open(path) as image:
                return image.convert("RGB"), target
        except UNREADABLE as error:
            raise unreadable(path, error) from error

    def targets(self) -> list[int]:
        """The class index of every image."""
        return [target for _path, target in self._files]

    @property
    def folder(self) -> Path:
        """The folder of class folders."""
        return self._folder


def unreadable(path: Path, error: Exception) -> DataError:
    """The error for an image that could not be read."""
    reason = str(error).removesuffix(f": {str(path)!r}").removesuffix(f" {str(path)!r}")
    if isinstance(error, OSError) and error.strerror:
        reason = error.strerror
    return DataError(_("{path}: cannot be read, left out: {reason}").format(path=path, reason=reason))


@contextmanager
def class_folders(pictures: Pictures, per_class: int) -> Iterator[Path]:
    """The folder of class folders that holds `pictures`.

    Images that are in no such folder, such as CIFAR-10's, are written to a temporary one as PNG: the first `per_class`
    of each class. It is removed at the end of the block.
    """
    if pictures.folder is not None:
        yield pictures.folder
        return
    with tempfile.TemporaryDirectory(prefix="learn-") as temporary:
        folder = Path(temporary)
        for name in pictures.classes:
            (folder / name).mkdir()
        missing = dict.fromkeys(range(len(pictures.classes)), per_class)
        for index in range(len(pictures)):
            if not missing:
                break
            image, target = pictures[index]
            if target in missing:
                image.save(folder / pictures.classes[target] / f"{index:05}.png")
                missing[target] -= 1
                if not missing[target]:
                    del missing[target]
        yield folder


def _sub_folders(folder: Path) -> dict[str, Path]:
    try:
        entries = sorted(folder.iterdir(), key=lambda path: path.name)
        return {path.name: path for path in entries if path.is_dir() and not path.name.startswith(".")}
    except OSError as error:
        raise DataError(
            _("{folder} cannot be read: {reason}").format(folder=folder, reason=error.strerror or error)
        ) from error


def pictures_in(folder: Path) -> list[Path]:
    """The images directly in a folder, sorted by name. Raises DataError."""
    try:
        found = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file()]
    except OSError as error:
        raise DataError(
            _("{folder} cannot be read: {reason}").format(folder=folder, reason=error.strerror or error)
        ) from error
    return sorted(found, key=lambda path: path.name)


def _no_pictures(folder: Path, sub_folders: tuple[str, ...]) -> DataError:
    expected = _(
        "expected: a folder of class folders, such as ants and bees, with .jpg, .jpeg or .png images"
    )
    if (folder / "cifar-10-batches-py").is_dir():
        return DataError(
            _("{folder} holds CIFAR-10, not class folders").format(folder=folder),
            f"--data cifar10 --data-root {folder}",
        )
    deeper = [
        name
        for name, path in _sub_folders(folder).items()
        if any(map(pictures_in, _sub_folders(path).values()))
    ]
    if deeper:
        return DataError(
            _("{folder}: its sub-folders hold no images directly: {names}").format(
                folder=folder, names=", ".join(deeper)
            ),
            _("try one level deeper: {folder}").format(
                folder=folder / ("train" if "train" in deeper else deeper[0])
            ),
        )
    here = len(pictures_in(folder))
    if here:
        found = ngettext(
            "{n} image, but no class folders with images",
            "{n} images, but no class folders with images",
            here,
        ).format(n=here)
        perhaps = _("perhaps {folder}").format(folder=folder.resolve().parent)
        return DataError(
            f"{folder}: {found}",
            f"{expected}; {perhaps}",
        )
    if sub_folders:
        found = _("sub-folders without images: {names}").format(names=", ".join(sub_folders[:8]))
        return DataError(f"{folder}: {found}", expected)
    return DataError(_("{folder}: no class folders and no images").format(folder=folder), expected)
