"""Images as batches: decoded images are kept in memory if they fit, otherwise read again for every epoch."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, SequentialSampler

from learn_torch.course import Pictures, ProgressBar
from learn_torch.errors import DataError
from learn_torch.language import _
from learn_torch.runs.quick_network import SIDE

Batch = tuple[torch.Tensor, torch.Tensor]
PICTURE_BYTES = 3 * SIDE * SIDE
SHARE = 0.25
"""The share of the machine's free memory that the images of one half may take."""
FEW = 2000
"""Up to this many images, one process decodes all: starting others would take longer."""
_CHUNK = 256


@dataclass(frozen=True)
class InMemory(Dataset[Batch]):
    """Decoded images. A list as index gives a whole batch: float32 `(n, 3, 32, 32)` in 0..1, int64 `(n,)`.

    Args:
        images: uint8 `(N, 3, 32, 32)`; uint8 takes a quarter of the memory of float32.
        targets: int64 `(N,)`, on the same device.
    """

    images: torch.Tensor
    targets: torch.Tensor

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, indices: list[int]) -> Batch:
        chosen = torch.tensor(indices).to(self.images.device, non_blocking=True)
        # Like ToTensor, but for the whole batch at once.
        return self.images[chosen].to(torch.float32).div_(255), self.targets[chosen]

    def to(self, device: torch.device) -> InMemory:
        """The same images on `device`."""
        return InMemory(self.images.to(device), self.targets.to(device))


class Decoded(Dataset[tuple[torch.Tensor, int] | str]):
    """Images that are decoded when indexed: uint8 `(3, 32, 32)` and the class, or an error message as a str."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures

    def __len__(self) -> int:
        return len(self._pictures)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int] | str:
        try:
            image, target = self._pictures[index]
        except DataError as error:
            return error.message
        if image.size != (SIDE, SIDE):
            image = image.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
        return torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous(), target


def _collate(
    samples: list[tuple[torch.Tensor, int] | str],
) -> tuple[torch.Tensor, torch.Tensor, list[str]]:
    """Collate samples: uint8 images, targets, and messages about images that could not be read."""
    good = [sample for sample in samples if not isinstance(sample, str)]
    images = [image for image, _target in good]
    return (
        torch.stack(images) if images else torch.empty(0, 3, SIDE, SIDE, dtype=torch.uint8),
        torch.tensor([target for _image, target in good], dtype=torch.int64),
        [sample for sample in samples if isinstance(sample, str)],
    )


def _or_its_own(order: torch.Generator | None) -> torch.Generator:
    """`order`, or a new generator: a loader draws a number at its start, which must not change torch's generator."""
    return torch.Generator() if order is None else order


def fits_in_memory(count: int) -> bool:
    """Whether `count` images of 32×32 may be kept in memory."""
    return count * PICTURE_BYTES <= SHARE * _free_memory()


def _free_memory() -> float:
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            fields = dict(line.split(":") for line in file)
        return float(fields["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):  # not Linux
        try:
            return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")) / 2
        except (AttributeError, ValueError, OSError):
            return 4 * 2.0**30


def workers_for(count: int) -> int:
    """The default number of processes that decode `count` images."""
    return 0 if count <= FEW else min(4, os.cpu_count() or 1)


def read_into_memory(
    pictures: Pictures, workers: int, warn: Callable[[str], None], progress: ProgressBar
) -> InMemory:
    """Decode all images, 32×32. Images that cannot be read are reported with `warn` and left out."""
    loader: DataLoader[Any] = DataLoader(
        Decoded(pictures),
        batch_size=_CHUNK,
        num_workers=workers,
        collate_fn=_collate,
        generator=_or_its_own(None),
    )
    images, targets = [], []
    with progress(_("reading images"), len(pictures)) as steps:
        for some, theirs, unreadable in loader:
            for message in unreadable:
                warn(message)
            images.append(some)
            targets.append(theirs)
            for _picture in range(len(theirs) + len(unreadable)):
                steps.done()
    return InMemory(torch.cat(images), torch.cat(targets))


def memory_loader(data: InMemory, batch_size: int, order: torch.Generator | None) -> DataLoader[Batch]:
    """Batches of images in memory: in a new order from `order` for each epoch, or in their own order."""
    sampler = SequentialSampler(data) if order is None else RandomSampler(data, generator=order)
    return DataLoader(
        data,
        batch_size=None,
        sampler=BatchSampler(sampler, batch_size, drop_last=False),
        generator=_or_its_own(order),
    )


class Streaming:
    """Batches that `workers` processes decode again for every epoch, for images that do not fit into memory.

    It is used like a `DataLoader`. An image that cannot be read is reported once and left out.
    """

    def __init__(
        self,
        pictures: Pictures,
        batch_size: int,
        order: torch.Generator | None,
        workers: int,
        warn: Callable[[str], None],
    ) -> None:
        self._loader: DataLoader[Any] = DataLoader(
            Decoded(pictures),
            batch_size=batch_size,
            shuffle=order is not None,
            generator=_or_its_own(order),
            num_workers=workers,
            collate_fn=_collate,
            persistent_workers=workers > 0,
        )
        self._warn = warn
        self._told: set[str] = set()

    def __len__(self) -> int:
        return len(self._loader)

    def __iter__(self) -> Any:
        for images, targets, unreadable in self._loader:
            for message in unreadable:
                if message not in self._told:
                    self._told.add(message)
                    self._warn(message)
            if len(targets):
                yield images.to(torch.float32).div_(255), targets
