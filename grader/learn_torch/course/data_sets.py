"""Datasets by name, for `--data NAME` and for exercises that name them in their manifest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from learn_torch.course.manifests import Text

if TYPE_CHECKING:
    from PIL.Image import Image


class Pictures(ABC):
    """Labelled images: what a dataset gives when it is opened.

    Indexing yields `(RGB image, class index)`, and raises `learn_torch.errors.DataError` for an image that cannot be
    read; its message names the image.
    """

    classes: tuple[str, ...]

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __getitem__(self, index: int) -> tuple[Image, int]: ...

    def targets(self) -> list[int] | None:
        """The class index of every image, if known without reading the images."""
        return None

    @property
    def folder(self) -> Path | None:
        """The folder of class folders that holds the images, if there is one."""
        return None


class Steps(Protocol):
    """Counts the steps of a progress bar: call `done` after every step."""

    def done(self, **figures: float) -> None:
        """Count one more step. The figures, such as `loss=0.7`, are shown beside it."""


ProgressBar = Callable[[str, int], AbstractContextManager[Steps]]
"""`progress(title, total)` shows a bar of `total` steps: `with progress("drawing", 120) as steps: … steps.done()`."""


class _Silent:
    def done(self, **figures: float) -> None: ...


def silently(_title: str, _total: int) -> AbstractContextManager[Steps]:
    """Shows nothing."""
    return nullcontext(_Silent())


@dataclass(frozen=True)
class DataSet(ABC):
    """A dataset that `--data NAME` can open.

    Args:
        name: its name for `--data`.
        title: what it is, in one line.
    """

    name: str
    title: Text

    @abstractmethod
    def open(
        self, root: Path | None, say: Callable[[str], None], *, train: bool, progress: ProgressBar = silently
    ) -> Pictures:
        """Open it. Make or download it first if necessary.

        Args:
            root: the folder that the user gave (`--data-root`), or None.
            say: prints a line of plain text for the user: what is left out, what is being downloaded.
            train: open the training half, else the test half.
            progress: shows the progress of making it.

        Raises:
            learn_torch.errors.DataError: it is missing or broken.
        """

    def put_samples(self, _folder: Path) -> bool:
        """Write a few small images into an empty folder, for learners to try their code on. By default none.

        `learn init` calls it for exercises that name the dataset in their manifest. So it must be quick, and neither
        import torch nor use a network.

        Returns whether it has any.
        """
        return False
