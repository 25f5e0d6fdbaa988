"""The datasets of the course, and how `--data` chooses one. torch and Pillow are imported only when one is opened."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from learn_torch.course import DataSet, Pictures, ProgressBar, Text, silently
from learn_torch.errors import DataError
from learn_torch.language import _
from learn_torch.runs.images.cache import cache_folder, make_once

if TYPE_CHECKING:
    from PIL.Image import Image

DEFAULT = "ants_bees"


@dataclass(frozen=True)
class Drawn(DataSet):
    """A dataset that `datasets/<name>/make.py` draws on first use, in a few seconds and without a network."""

    def folder(self, root: Path | None, say: Callable[[str], None], progress: ProgressBar) -> Path:
        """Its folder in `root`, by default in the cache folder. It is drawn there if necessary."""
        recipe = self._recipe()

        def draw(folder: Path) -> None:
            module = self._load()
            title = _("drawing {name} (only once)").format(name=self.name)
            with progress(title, module.STEPS) as steps:
                module.make(folder, steps.done)

        try:
            # The folder's name depends on the script, so that images of an older release are not used.
            version = hashlib.sha256(recipe.read_bytes()).hexdigest()[:8]
        except OSError as error:
            raise DataError(
                _("{path} is missing").format(path=recipe), _("install learn-torch again")
            ) from error
        return make_once((root or cache_folder()) / f"{self.name}-{version}", draw, say)

    def put_samples(self, folder: Path) -> bool:
        """Draw what the function `make_few` of `make.py` draws, if there is one."""
        make_few = getattr(self._load(), "make_few", None)
        if make_few is not None:
            make_few(folder)
        return make_few is not None

    def _recipe(self) -> Path:
        from learn_torch.course import course_root

        return course_root() / "datasets" / self.name / "make.py"

    def _load(self) -> ModuleType:
        from learn_torch.runs.loading import load

        return load(self._recipe(), f"learn_torch_data_{self.name}")


@dataclass(frozen=True)
class AntsBees(Drawn):
    """Ants and bees in folders, with all the formats and modes of real image folders."""

    def open(
        self, root: Path | None, say: Callable[[str], None], *, train: bool, progress: ProgressBar = silently
    ) -> Pictures:
        """Open the class folders of one half."""
        from learn_torch.runs.images.folders import ClassFolders

        return ClassFolders(self.folder(root, say, progress) / ("train" if train else "test"), say)


@dataclass(frozen=True)
class Shapes10(Drawn):
    """Ten shapes, 10,000 images for training and 2,000 for testing, in CIFAR-10's batch layout."""

    def open(
        self, root: Path | None, say: Callable[[str], None], *, train: bool, progress: ProgressBar = silently
    ) -> Pictures:
        """Read the batches of one half into memory."""
        from learn_torch.runs.images.batches import open_batches

        folder = self.folder(root, say, progress)
        return open_batches(folder, train=train, classes=("",) * 10, advice="")


@dataclass(frozen=True)
class Cifar10(DataSet):
    """CIFAR-10, from the user's own copy or downloaded."""

    def open(
        self, root: Path | None, say: Callable[[str], None], *, train: bool, progress: ProgressBar = silently
    ) -> Pictures:
        """Open the copy in `root`, by default in the cache folder. It is downloaded there if necessary."""
        from learn_torch.runs.images.cifar10 import open_cifar10

        return open_cifar10(root or cache_folder() / self.name, say, train=train)


BUILT_IN: tuple[DataSet, ...] = (
    AntsBees(
        DEFAULT,
        Text(en="drawn ants and bees, small, made on first use", zh="手绘的蚂蚁和蜜蜂，很小，首次使用时生成"),
    ),
    Shapes10(
        "shapes10",
        Text(
            en="drawn shapes of ten kinds, 12,000 of 32×32 pixels, made on first use",
            zh="手绘的十种图形，共 12,000 张 32×32 的图片，首次使用时生成",
        ),
    ),
    Cifar10(
        "cifar10",
        Text(en="CIFAR-10, 60,000 images of ten classes", zh="CIFAR-10，十个类别的 60,000 张图片"),
    ),
)


def open_data(
    name: str,
    root: Path | None,
    data_sets: Mapping[str, DataSet],
    say: Callable[[str], None],
    *,
    train: bool = True,
    progress: ProgressBar = silently,
) -> Pictures:
    """Open the data of `--data` and `--data-root`.

    Args:
        name: a dataset's name, or the path of a folder of class folders. `./name` is a folder even if there is a
            dataset of this name.
        root: the folder that holds the dataset, or where to put it.
        data_sets: all datasets by name.
        say: tells the user about the data: what is left out, what is being downloaded.
        train: open the training half of a dataset, else the test half. A folder is opened as a whole.
        progress: shows the progress of making it.

    Raises:
        DataError: there is no such folder or dataset, or it cannot be used.
    """
    if name in data_sets:
        return data_sets[name].open(root, say, train=train, progress=progress)
    folder = Path(name).expanduser()
    known = _("a folder of class folders, or one of: {names}").format(names=", ".join(sorted(data_sets)))
    if not folder.exists():
        raise DataError(_("{name!r} is neither a folder nor a dataset").format(name=name), known)
    if not folder.is_dir():
        raise DataError(
            _("{name!r} is a file").format(name=name),
            _("if it is an archive, unpack it; --data takes {known}").format(known=known),
        )
    if root is not None:
        raise DataError(
            _("--data-root is only for datasets with a name, and {name!r} is a folder").format(name=name),
            _("leave out --data-root"),
        )
    from learn_torch.runs.images.folders import ClassFolders

    return ClassFolders(folder, say)


TRAIN_FOLDERS, TEST_FOLDERS = ("train", "training"), ("test", "val", "valid", "validation")
HELD_OUT = 5
"""If a folder has no test half, every fifth image of each class is kept for testing."""


def open_halves(
    name: str,
    root: Path | None,
    data_sets: Mapping[str, DataSet],
    say: Callable[[str], None],
    *,
    progress: ProgressBar = silently,
) -> tuple[Pictures, Pictures]:
    """Images for training and for testing, of the same classes.

    A dataset has two halves. So has a folder with sub-folders `train` and `test` (or `val`). In any other folder of
    class folders, every fifth image of each class is kept for testing.

    Args:
        name: as in `open_data`.
        root: as in `open_data`.
        data_sets: all datasets by name.
        say: tells the user about the data.
        progress: shows the progress of making it.

    Raises:
        DataError: it cannot be used, or the halves have different classes.
    """
    if name in data_sets:
        both = [
            open_data(name, root, data_sets, say, train=train, progress=progress) for train in (True, False)
        ]
    else:
        train, test = (_first_of(Path(name).expanduser(), names) for names in (TRAIN_FOLDERS, TEST_FOLDERS))
        if train is None or test is None:
            return _held_out(open_data(name, root, data_sets, say), say)
        both = [open_data(str(part), root, data_sets, say) for part in (train, test)]
    training, testing = both
    if training.classes != testing.classes:
        raise DataError(
            _("{name}: the classes differ: training has {these}, testing has {those}").format(
                name=name, these=", ".join(training.classes), those=", ".join(testing.classes)
            ),
            _("put the same class folders into both"),
        )
    return training, testing


def _first_of(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_dir()), None)


class Part(Pictures):
    """Some of the images of another collection."""

    def __init__(self, whole: Pictures, indices: list[int]) -> None:
        self.classes = whole.classes
        self._whole, self._indices = whole, indices

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, index: int) -> tuple[Image, int]:
        return self._whole[self._indices[index]]

    def targets(self) -> list[int] | None:
        """The class indices, if the whole collection knows them."""
        theirs = self._whole.targets()
        return None if theirs is None else [theirs[index] for index in self._indices]


def _held_out(pictures: Pictures, say: Callable[[str], None]) -> tuple[Pictures, Pictures]:
    targets = pictures.targets()
    if targets is None:
        targets = [pictures[index][1] for index in range(len(pictures))]
    seen = [0] * len(pictures.classes)
    halves: tuple[list[int], list[int]] = ([], [])
    for index, target in enumerate(targets):
        seen[target] += 1
        halves[seen[target] % HELD_OUT == 0].append(index)
    if not halves[1]:
        raise DataError(
            _("{n} images are too few to keep some for testing").format(n=len(pictures)),
            _("use at least five images per class, or two folders: train and test"),
        )
    say(_("every fifth image is kept for testing: {n} of {m}").format(n=len(halves[1]), m=len(pictures)))
    return Part(pictures, halves[0]), Part(pictures, halves[1])
