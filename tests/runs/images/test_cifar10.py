"""CIFAR-10: whole or in part, missing, broken, hostile."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest

from learn_torch.errors import DataError
from learn_torch.runs.images import cifar10
from learn_torch.runs.images.cifar10 import CLASSES, FOLDER, open_cifar10


def write_batch(root: Path, name: str, count: int, **other: Any) -> Path:
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    rows = np.zeros((count, 3072), dtype=np.uint8)
    rows[:, 0] = 200  # red of the upper left pixel
    rows[:, 2047] = 100  # green of the lower right one
    batch = {"data": rows, "labels": [number % 10 for number in range(count)], **other}
    (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
    return folder / name


def visible(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.suffix != ".lock"]


def never(folder: Path) -> None:
    pytest.fail("there is a copy: nothing is to be downloaded")


def test_rows_become_pictures_with_channels_and_rows_in_place(tmp_path: Path) -> None:
    write_batch(tmp_path, "test_batch", 12)
    pictures = open_cifar10(tmp_path, lambda text: None, train=False, fetch=never)
    image, target = pictures[11]
    assert (len(pictures), target, pictures.classes) == (12, 1, CLASSES)
    assert (image.mode, image.size) == ("RGB", (32, 32))
    assert (image.getpixel((0, 0)), image.getpixel((31, 31))) == ((200, 0, 0), (0, 100, 0))


def test_a_copy_that_is_not_the_whole_is_used_and_said_so(tmp_path: Path) -> None:
    write_batch(tmp_path, "data_batch_1", 20)
    write_batch(tmp_path, "data_batch_3", 5)
    said: list[str] = []
    pictures = open_cifar10(tmp_path, said.append, train=True, fetch=never)
    assert len(pictures) == 25
    assert "25 of 50,000 images, from data_batch_1, data_batch_3" in said[0]


def test_the_folder_itself_may_be_named(tmp_path: Path) -> None:
    write_batch(tmp_path, "test_batch", 2)
    assert len(open_cifar10(tmp_path / FOLDER, lambda text: None, train=False, fetch=never)) == 2


def test_names_come_from_the_copy(tmp_path: Path) -> None:
    write_batch(tmp_path, "test_batch", 2)
    names = [f"kind {number}" for number in range(10)]
    (tmp_path / FOLDER / "batches.meta").write_bytes(pickle.dumps({"label_names": names}))
    assert open_cifar10(tmp_path, lambda text: None, train=False, fetch=never).classes == tuple(names)


def test_without_a_copy_and_a_network_both_ways_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torchvision.datasets

    def no_network(*_args: object, **_options: object) -> None:
        raise URLError("Name or service not known")

    monkeypatch.setattr(torchvision.datasets, "CIFAR10", no_network)
    said: list[str] = []
    with pytest.raises(DataError) as raised:
        open_cifar10(tmp_path / "here", said.append, train=True)
    assert "no CIFAR-10" in raised.value.message
    assert "Name or service not known" in raised.value.message
    assert "network" in raised.value.hint
    assert "--data-root DIR" in raised.value.hint
    assert "downloading" in said[0]
    assert not visible(tmp_path / "here"), "a failed download leaves nothing behind"


def test_what_is_downloaded_is_kept(tmp_path: Path) -> None:
    def fetch(folder: Path) -> None:
        write_batch(folder, "test_batch", 3)

    said: list[str] = []
    assert len(open_cifar10(tmp_path, said.append, train=False, fetch=fetch)) == 3
    assert visible(tmp_path) == [FOLDER]
    assert len(open_cifar10(tmp_path, said.append, train=False, fetch=never)) == 3


def test_a_damaged_download_is_fetched_again(tmp_path: Path) -> None:
    def fetch(folder: Path) -> None:
        write_batch(folder, "test_batch", 3)

    def count(said: list[str]) -> int:
        return len(open_cifar10(tmp_path, said.append, train=False, fetch=fetch))

    count([])
    (tmp_path / FOLDER / "test_batch").write_bytes(b"damaged")
    said: list[str] = []
    assert count(said) == 3
    assert "is damaged" in said[0]
    assert "downloading" in said[1]


def test_the_other_half_is_not_taken_instead(tmp_path: Path) -> None:
    write_batch(tmp_path, "test_batch", 3)
    with pytest.raises(DataError, match="holds none of data_batch_1"):
        open_cifar10(tmp_path, pytest.fail, train=True, fetch=never)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"data": np.zeros((3, 3072))}, "uint8"),
        ({"data": np.zeros((3, 10), dtype=np.uint8)}, "3072"),
        ({"labels": [0, 1]}, "one label per row"),
        ({"labels": [0, 1, 10]}, "0 to 9"),
        ({"labels": None}, "one label per row"),
    ],
)
def test_a_batch_of_another_shape_is_refused(tmp_path: Path, other: dict[str, Any], reason: str) -> None:
    write_batch(tmp_path, "test_batch", 3, **other)
    with pytest.raises(DataError, match="test_batch is not a batch of images") as raised:
        open_cifar10(tmp_path, pytest.fail, train=False, fetch=never)
    assert reason in raised.value.message


@pytest.mark.parametrize("keep", [0, 10, 5000])
def test_a_batch_that_is_cut_short_is_refused(tmp_path: Path, keep: int) -> None:
    path = write_batch(tmp_path, "test_batch", 3)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DataError, match="test_batch is not a batch of images"):
        open_cifar10(tmp_path, pytest.fail, train=False, fetch=never)


class Hostile:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


def test_a_pickle_that_would_run_something_is_refused(tmp_path: Path) -> None:
    write_batch(tmp_path, "test_batch", 3, extra=Hostile(tmp_path / "made"))
    with pytest.raises(DataError, match="does not belong in an image batch"):
        open_cifar10(tmp_path, pytest.fail, train=False, fetch=never)
    assert not (tmp_path / "made").exists()


def test_real_rows(measured: Path) -> None:
    said: list[str] = []
    pictures = open_cifar10(measured / "cifar10_exact", said.append, train=True, fetch=never)
    assert (len(pictures), pictures.classes) == (8068, CLASSES)
    assert "8,068 of 50,000" in said[0]
    assert cifar10.open_cifar10(measured / "cifar10_exact", said.append, train=False)[0][0].size == (32, 32)
