"""Data sets by name, for `--data NAME` and for exercises that name them in their manifest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from learn_torch.course.manifests import Text

if TYPE_CHECKING:
    from PIL.Image import Image


class Pictures(ABC):
    """Labelled pictures: what a data set gives when it is opened.

    Indexing yields `(RGB picture, class index)`, and raises `learn_torch.errors.DataError` for a picture that cannot be
    read; its message names the picture.
    """

    classes: tuple[str, ...]

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __getitem__(self, index: int) -> tuple[Image, int]: ...

    @property
    def folder(self) -> Path | None:
        """The folder of class folders that holds them, where there is one."""
        return None


@dataclass(frozen=True)
class DataSet(ABC):
    """A data set that `--data NAME` can open.

    Args:
        name: how it is asked for.
        title: what it is, in a line.
    """

    name: str
    title: Text

    @abstractmethod
    def open(self, root: Path | None, say: Callable[[str], None], *, train: bool) -> Pictures:
        """Open it, making or downloading it first where that is needed.

        Args:
            root: where the user says that it lies (`--data-root`), or None.
            say: tells the user about it: what is left out, what is being downloaded. A line of plain text.
            train: the training half, or the test half.

        Raises:
            learn_torch.errors.DataError: it is not there, or broken.
        """
