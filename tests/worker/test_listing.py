"""In a traced run folders are listed in one order, whatever the file system, and not in the order of names."""

from __future__ import annotations

import glob
import os
from pathlib import Path

import pytest

from learn_torch.worker import listing

NAMES = [f"{number}.txt" for number in range(20)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in NAMES:
        (tmp_path / name).touch()
    monkeypatch.setattr(os, "listdir", os.listdir)  # to be put back
    monkeypatch.setattr(os, "scandir", os.scandir)
    listing.use_an_order_of_its_own()
    return tmp_path


def test_every_way_of_listing_a_folder_has_the_same_order(folder: Path) -> None:
    order = os.listdir(folder)
    assert sorted(order) == sorted(NAMES) != order
    assert [entry.name for entry in os.scandir(folder)] == order
    assert [file.name for file in folder.iterdir()] == order
    assert next(os.walk(folder))[2] == order
    assert [Path(file).name for file in glob.glob(f"{folder}/*")] == order
    assert [os.fsdecode(name) for name in os.listdir(os.fsencode(folder))] == order


def test_entries_can_be_closed_and_used_as_a_context(folder: Path) -> None:
    with os.scandir(folder) as entries:
        assert next(entries).is_file()
        entries.close()
        assert list(entries) == []
    with pytest.raises(FileNotFoundError):
        os.scandir(folder / "missing")
