"""`--data`, the drawn data set, and the cache folder."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from learn_torch.course import DataSet, Pictures, Text
from learn_torch.errors import DataError
from learn_torch.runs.data.cache import cache_folder, make_once
from learn_torch.runs.data.folders import ClassFolders
from learn_torch.runs.data.sets import BUILT_IN, open_data

BY_NAME = {one.name: one for one in BUILT_IN}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("drawn")
    BY_NAME["ants_bees"].open(root, pytest.fail, train=True)
    (folder,) = root.iterdir()
    return folder


def test_the_drawn_set_has_ants_and_bees_for_training_and_testing(drawn: Path) -> None:
    for train, count in ((True, 80), (False, 30)):
        pictures = BY_NAME["ants_bees"].open(drawn.parent, pytest.fail, train=train)
        assert (pictures.classes, len(pictures)) == (("ants", "bees"), count)
        assert sum(target for _image, target in pictures) == count // 2
    assert list(drawn.parent.iterdir()) == [drawn], "it is made once"


def test_the_drawn_set_is_as_mixed_as_real_folders(drawn: Path) -> None:
    files = [path for path in (drawn / "train" / "ants").iterdir() if path.is_file()]
    modes = set()
    for path in files:
        if path.suffix.lower() in (".jpg", ".jpeg", ".png"):
            with Image.open(path) as image:
                modes.add(image.mode)
    assert modes == {"RGB", "L", "P", "RGBA"}
    assert {".jpg", ".jpeg", ".png", ".PNG", ".gif", ".txt"} <= {path.suffix for path in files}
    assert any(" " in path.name for path in files)
    assert len({image.size for image, _target in ClassFolders(drawn / "train", pytest.fail)}) > 20


def test_the_drawn_set_is_the_same_every_time(drawn: Path, tmp_path: Path) -> None:
    def contents(folder: Path) -> dict[str, str]:
        files = (path for path in folder.rglob("*") if path.is_file())
        return {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
        }

    BY_NAME["ants_bees"].open(tmp_path, pytest.fail, train=True)
    (again,) = tmp_path.iterdir()
    assert contents(again) == contents(drawn)


class Remembering(DataSet):
    def open(self, root: Path | None, say: Callable[[str], None], *, train: bool) -> Pictures:
        say(f"root {root}, train {train}")
        raise DataError("opened")


def test_a_name_means_a_data_set_and_a_path_a_folder(
    class_folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = class_folder(ants=1, bees=1)
    monkeypatch.chdir(folder.parent)
    known = {"pictures": Remembering("pictures", Text(en="x", zh="x"))}
    said: list[str] = []
    with pytest.raises(DataError, match="opened"):
        open_data("pictures", Path("there"), known, said.append)
    assert said == ["root there, train True"]
    assert len(open_data("./pictures", None, known, said.append)) == 2


def test_what_is_neither_lists_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="neither a folder nor a data set") as raised:
        open_data(str(tmp_path / "no"), None, BY_NAME, pytest.fail)
    assert "ants_bees, cifar10" in raised.value.hint


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "pictures.zip").write_bytes(b"PK")
    with pytest.raises(DataError, match="is a file") as raised:
        open_data(str(tmp_path / "pictures.zip"), None, BY_NAME, pytest.fail)
    assert "unpacking" in raised.value.hint


def test_a_folder_has_no_root(class_folder: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--data-root"):
        open_data(str(class_folder(ants=1)), tmp_path, BY_NAME, pytest.fail)


def test_an_interrupted_making_leaves_nothing(tmp_path: Path) -> None:
    def make(folder: Path) -> None:
        (folder / "half").write_text("x", encoding="utf-8")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_once(tmp_path / "set", make)
    assert not list(tmp_path.iterdir())


def test_two_who_make_it_at_once_both_get_it_whole(tmp_path: Path) -> None:
    both_are_making = threading.Barrier(2)

    def make(folder: Path) -> None:
        both_are_making.wait(timeout=60)
        (folder / "whole").write_text("x", encoding="utf-8")

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda _n: make_once(tmp_path / "set", make), range(2)))
    assert made == [tmp_path / "set"] * 2
    assert [path.name for path in tmp_path.iterdir()] == ["set"]
    assert (tmp_path / "set" / "whole").exists()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(DataError, match="cannot be written") as raised:
        make_once(tmp_path / "file" / "set", lambda folder: None)
    assert "LEARN_CACHE" in raised.value.hint


def test_the_cache_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEARN_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("LEARN_CACHE")
    assert "learn-torch" in cache_folder().parts


@pytest.mark.skipif("sys.platform in ('win32', 'darwin')", reason="XDG folders are for other systems")
def test_the_cache_folder_follows_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEARN_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "learn-torch"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder() == Path.home() / ".cache" / "learn-torch"
