"""`--data`, the drawn data set, and the cache folder."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import ClassVar

import pytest
from PIL import Image
from torchvision.datasets import CIFAR10

from learn_torch.course import DataSet, Pictures, ProgressBar, Text, course_root, silently
from learn_torch.errors import DataError
from learn_torch.runs.images.cache import cache_folder, make_once
from learn_torch.runs.images.folders import ClassFolders
from learn_torch.runs.images.sets import BUILT_IN, open_data
from learn_torch.runs.loading import load

BY_NAME = {one.name: one for one in BUILT_IN}


def visible(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.suffix != ".lock"]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("drawn")
    BY_NAME["ants_bees"].open(root, pytest.fail, train=True)
    (folder,) = visible(root)
    return folder


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shapes")
    BY_NAME["shapes10"].open(root, pytest.fail, train=True)
    (folder,) = visible(root)
    return folder


def test_the_drawn_set_has_ants_and_bees_for_training_and_testing(drawn: Path) -> None:
    for train, count in ((True, 80), (False, 30)):
        pictures = BY_NAME["ants_bees"].open(drawn.parent, pytest.fail, train=train)
        assert (pictures.classes, len(pictures)) == (("ants", "bees"), count)
        assert sum(pictures[n][1] for n in range(count)) == count // 2
    assert visible(drawn.parent) == [drawn], "it is made once"


def test_the_drawn_set_is_as_mixed_as_real_folders(drawn: Path) -> None:
    files = [path for path in (drawn / "train" / "ants").iterdir() if path.is_file()]
    modes = set()
    for path in files:
        if path.suffix.lower() in (".jpg", ".jpeg", ".png"):
            with Image.open(path) as image:
                modes.add(image.mode)
    assert modes == {"RGB", "L", "P", "RGBA"}
    assert {".jpg", ".jpeg", ".png", ".PNG", ".gif", ".txt"} <= {path.suffix for path in files}
    assert {".DS_Store", "Thumbs.db"} <= {path.name for path in files}
    assert (drawn / "train" / "ants" / "more.jpg").is_dir()
    assert any(" " in path.name for path in files)
    pictures = ClassFolders(drawn / "train", pytest.fail)
    assert len({pictures[n][0].size for n in range(len(pictures))}) > 20


def test_the_drawn_set_is_the_same_every_time(drawn: Path, tmp_path: Path) -> None:
    def contents(folder: Path) -> dict[str, str]:
        files = (path for path in folder.rglob("*") if path.is_file())
        return {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
        }

    BY_NAME["ants_bees"].open(tmp_path, pytest.fail, train=True)
    (again,) = visible(tmp_path)
    assert contents(again) == contents(drawn)


class Remembering(DataSet):
    def open(
        self, root: Path | None, say: Callable[[str], None], *, train: bool, progress: ProgressBar = silently
    ) -> Pictures:
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
    with pytest.raises(DataError, match="neither a folder nor a dataset") as raised:
        open_data(str(tmp_path / "no"), None, BY_NAME, pytest.fail)
    assert "ants_bees, cifar10, shapes10" in raised.value.hint


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "pictures.zip").write_bytes(b"PK")
    with pytest.raises(DataError, match="is a file") as raised:
        open_data(str(tmp_path / "pictures.zip"), None, BY_NAME, pytest.fail)
    assert "unpack" in raised.value.hint


def test_a_folder_has_no_root(class_folder: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--data-root"):
        open_data(str(class_folder(ants=1)), tmp_path, BY_NAME, pytest.fail)


def test_an_interrupted_making_leaves_nothing(tmp_path: Path) -> None:
    def make(folder: Path) -> None:
        (folder / "half").write_text("x", encoding="utf-8")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_once(tmp_path / "set", make, pytest.fail)
    assert not visible(tmp_path)


def test_what_a_killed_process_left_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".set-abc" / "set").mkdir(parents=True)
    make_once(tmp_path / "set", fill, pytest.fail)
    assert visible(tmp_path) == [tmp_path / "set"]


def fill(folder: Path) -> None:
    (folder / "inner").mkdir()
    (folder / "inner" / "file").write_text("right", encoding="utf-8")


def fill_again(folder: Path) -> None:
    pytest.fail(f"{folder} is made again")


def test_it_is_made_once(tmp_path: Path) -> None:
    make_once(tmp_path / "set", fill, pytest.fail)
    make_once(tmp_path / "set", fill_again, pytest.fail)


@pytest.mark.parametrize("damage", ["changed", "missing", "more", "checksums"])
def test_damage_is_noticed_told_and_mended(tmp_path: Path, damage: str) -> None:
    folder = make_once(tmp_path / "set", fill, pytest.fail)
    match damage:
        case "changed":
            (folder / "inner" / "file").write_text("wrong", encoding="utf-8")
        case "missing":
            (folder / "inner" / "file").unlink()
        case "more":
            (folder / "stray").write_text("x", encoding="utf-8")
        case "checksums":
            (folder / "checksums.json").write_text("{", encoding="utf-8")
    said: list[str] = []
    assert make_once(folder, fill, said.append) == folder
    assert (folder / "inner" / "file").read_text("utf-8") == "right"
    assert not (folder / "stray").exists()
    assert said == [f"{folder} is damaged and will be made again"]
    assert visible(tmp_path) == [folder]


def test_a_whole_copy_is_used_where_nothing_can_be_written(tmp_path: Path) -> None:
    folder = make_once(tmp_path / "set", fill, pytest.fail)
    (tmp_path / ".set.lock").unlink()
    (tmp_path / ".set.lock").mkdir()  # taking the lock would fail
    assert make_once(folder, fill_again, pytest.fail) == folder


def test_of_two_who_come_at_once_one_makes_it_and_both_have_it(tmp_path: Path) -> None:
    made = []

    def make(folder: Path) -> None:
        fill(folder)
        made.append(folder)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _n: make_once(tmp_path / "set", make, pytest.fail), range(4)))
    assert found == [tmp_path / "set"] * 4
    assert len(made) == 1
    assert visible(tmp_path) == [tmp_path / "set"]


def test_making_shows_how_far_it_has_got(tmp_path: Path) -> None:
    shown: list[tuple[str, int]] = []
    done: list[int] = []

    class Counting:
        def done(self, **figures: float) -> None:
            done.append(1)

    def progress(title: str, total: int) -> AbstractContextManager[Counting]:
        shown.append((title, total))
        return nullcontext(Counting())

    BY_NAME["ants_bees"].open(tmp_path, pytest.fail, train=True, progress=progress)
    assert shown == [("drawing ants_bees (only once)", len(done))]


def test_shapes_are_ten_kinds_for_training_and_testing(shapes: Path) -> None:
    for train, count in ((True, 10_000), (False, 2_000)):
        pictures = BY_NAME["shapes10"].open(shapes.parent, pytest.fail, train=train)
        assert len(pictures) == count
        assert Counter(pictures[index][1] for index in range(count)) == dict.fromkeys(range(10), count // 10)
        assert pictures.classes[:3] == ("arrow", "circle", "cross")
        assert pictures[0][0].size == (32, 32)


def test_shapes_are_the_same_every_time(
    shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = load(course_root() / "datasets" / "shapes10" / "make.py", "shapes10_again")
    # The first is enough: the others are drawn as it is.
    monkeypatch.setattr(make, "BATCHES", {"data_batch_1": 2000})
    make.make(tmp_path)
    assert (tmp_path / "data_batch_1").read_bytes() == (shapes / "data_batch_1").read_bytes()


def test_shapes_have_the_layout_that_torchvision_reads(shapes: Path) -> None:
    class Shapes(CIFAR10):  # type: ignore[misc]  # torchvision has no types
        base_folder = shapes.name
        train_list: ClassVar = [(f"data_batch_{n}", None) for n in range(1, 6)]
        test_list: ClassVar = [("test_batch", None)]
        meta: ClassVar = {"filename": "batches.meta", "key": "label_names", "md5": None}

    theirs = Shapes(str(shapes.parent), train=False)
    ours = BY_NAME["shapes10"].open(shapes.parent, pytest.fail, train=False)
    assert tuple(theirs.classes) == ours.classes
    assert theirs[7][1] == ours[7][1]
    assert theirs[7][0].tobytes() == ours[7][0].tobytes()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(DataError, match="cannot be written") as raised:
        make_once(tmp_path / "file" / "set", lambda folder: None, pytest.fail)
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
