"""The data sets that come with the course, and how `--data` chooses one. No torch and no Pillow until one is opened."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from learn_torch.course import DataSet, Pictures, Progress, Text, silently
from learn_torch.errors import DataError
from learn_torch.language import _
from learn_torch.runs.data.cache import cache_folder, make_once

DEFAULT = "ants_bees"


@dataclass(frozen=True)
class Drawn(DataSet):
    """A data set that is drawn on first use by `datasets/<name>/make.py`, without a network, in a few seconds."""

    def folder(self, root: Path | None, say: Callable[[str], None], progress: Progress) -> Path:
        """Where it lies in `root`, by default the cache folder; drawn there if need be."""
        from learn_torch.course import course_root
        from learn_torch.runs.loading import load

        recipe = course_root() / "datasets" / self.name / "make.py"

        def draw(folder: Path) -> None:
            module = load(recipe, f"learn_torch_data_{self.name}")
            title = _("drawing {name}, this once").format(name=self.name)
            with progress(title, module.STEPS) as steps:
                module.make(folder, steps.done)

        try:
            # A changed recipe is another data set: pictures drawn by an older release are not mistaken for it.
            version = hashlib.sha256(recipe.read_bytes()).hexdigest()[:8]
        except OSError as error:
            raise DataError(
                _("{path} is missing").format(path=recipe), _("installing learn-torch again")
            ) from error
        return make_once((root or cache_folder()) / f"{self.name}-{version}", draw, say)


@dataclass(frozen=True)
class AntsBees(Drawn):
    """Ants and bees in folders, in every format and mode that real folders hold."""

    def open(
        self, root: Path | None, say: Callable[[str], None], *, train: bool, progress: Progress = silently
    ) -> Pictures:
        """Open the class folders of one half."""
        from learn_torch.runs.data.folders import ClassFolders

        return ClassFolders(self.folder(root, say, progress) / ("train" if train else "test"), say)


@dataclass(frozen=True)
class Shapes10(Drawn):
    """Ten shapes, 10,000 pictures for training and 2,000 for testing, in CIFAR-10's batch layout."""

    def open(
        self, root: Path | None, say: Callable[[str], None], *, train: bool, progress: Progress = silently
    ) -> Pictures:
        """Read the batches of one half into memory."""
        from learn_torch.runs.data.batches import open_batches

        folder = self.folder(root, say, progress)
        return open_batches(folder, train=train, classes=("",) * 10, advice="")


@dataclass(frozen=True)
class Cifar10(DataSet):
    """CIFAR-10, from a copy that the user has, or downloaded."""

    def open(
        self, root: Path | None, say: Callable[[str], None], *, train: bool, progress: Progress = silently
    ) -> Pictures:
        """Open the copy in `root`, by default in the cache folder, where it is downloaded if need be."""
        from learn_torch.runs.data.cifar10 import open_cifar10

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
        Text(en="CIFAR-10, 60,000 pictures of ten classes", zh="CIFAR-10，十个类别的 60,000 张图片"),
    ),
)


def open_data(
    name: str,
    root: Path | None,
    data_sets: Mapping[str, DataSet],
    say: Callable[[str], None],
    *,
    train: bool = True,
    progress: Progress = silently,
) -> Pictures:
    """What `--data` and `--data-root` mean.

    Args:
        name: a data set's name, or the path of a folder of class folders. A folder that is called like a data set is
            meant by `./name`.
        root: where a data set with a name lies, or is to be put.
        data_sets: all data sets by name.
        say: tells the user about the data: what is left out, what is being downloaded.
        train: the training half of a data set that has two; a folder is taken as it is.
        progress: shows how far making it has got.

    Raises:
        DataError: there is no such folder or data set, or it cannot be used.
    """
    if name in data_sets:
        return data_sets[name].open(root, say, train=train, progress=progress)
    folder = Path(name).expanduser()
    known = _("a folder of class folders, or one of: {names}").format(names=", ".join(sorted(data_sets)))
    if not folder.exists():
        raise DataError(_("{name!r} is neither a folder nor a data set").format(name=name), known)
    if not folder.is_dir():
        raise DataError(
            _("{name!r} is a file").format(name=name),
            _("unpacking it, if it is an archive; --data takes {known}").format(known=known),
        )
    if root is not None:
        raise DataError(
            _("--data-root says where a data set with a name lies, and {name!r} is a folder").format(
                name=name
            ),
            _("without --data-root"),
        )
    from learn_torch.runs.data.folders import ClassFolders

    return ClassFolders(folder, say)
