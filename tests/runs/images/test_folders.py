"""Class folders as people have them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from learn_torch.errors import DataError
from learn_torch.runs.images.folders import ClassFolders, class_folders


def save(path: Path, mode: str = "RGB") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, (20, 10), 7 if mode in ("L", "P") else None or 0).save(path)


def test_pictures_are_sorted_by_class_and_name_and_come_as_rgb(tmp_path: Path) -> None:
    save(tmp_path / "bees" / "b.PNG", "RGBA")
    save(tmp_path / "bees" / "a.png", "P")
    save(tmp_path / "ants" / "formica.jpeg", "L")
    save(tmp_path / "ants" / "ant photos.jpg")
    pictures = ClassFolders(tmp_path, pytest.fail)
    assert pictures.classes == ("ants", "bees")
    assert [pictures[n][1] for n in range(len(pictures))] == [0, 0, 1, 1]
    assert {pictures[n][0].mode for n in range(len(pictures))} == {"RGB"}
    assert pictures.folder == tmp_path


def test_what_is_no_picture_is_passed_over(tmp_path: Path) -> None:
    save(tmp_path / "ants" / "a.jpg")
    save(tmp_path / "ants" / "imageNotFound.gif", "P")
    save(tmp_path / "ants" / "more" / "b.jpg")
    (tmp_path / "ants" / "folder.jpg").mkdir()
    (tmp_path / "ants" / "notes.txt").write_text("x", encoding="utf-8")
    save(tmp_path / ".trash" / "c.jpg")
    save(tmp_path / "loose.jpg")
    pictures = ClassFolders(tmp_path, pytest.fail)
    assert (pictures.classes, len(pictures)) == (("ants",), 1)


def test_a_class_without_pictures_is_left_out_and_named(tmp_path: Path) -> None:
    save(tmp_path / "ants" / "a.jpg")
    (tmp_path / "wasps").mkdir()
    said: list[str] = []
    assert ClassFolders(tmp_path, said.append).classes == ("ants",)
    assert len(said) == 1
    assert "wasps" in said[0]


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_a_broken_picture_raises_with_its_name(tmp_path: Path, content: bytes) -> None:
    save(tmp_path / "ants" / "a.jpg")
    (tmp_path / "ants" / "b.png").write_bytes(content)
    pictures = ClassFolders(tmp_path, pytest.fail)
    with pytest.raises(DataError, match=r"b\.png: cannot be read"):
        pictures[1]


def test_a_picture_that_is_cut_short_raises_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "ants" / "a.jpg"
    path.parent.mkdir()
    Image.effect_noise((200, 200), 60).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DataError, match=r"a\.jpg: cannot be read"):
        ClassFolders(tmp_path, pytest.fail)[0]


def nothing(folder: Path) -> None:
    pass


def pictures_only(folder: Path) -> None:
    save(folder / "a.jpg")


def one_level_too_high(folder: Path) -> None:
    save(folder / "train" / "ants" / "a.jpg")
    save(folder / "test" / "ants" / "a.jpg")


def empty_classes(folder: Path) -> None:
    (folder / "ants").mkdir()
    (folder / "bees").mkdir()


def cifar(folder: Path) -> None:
    (folder / "cifar-10-batches-py").mkdir()


@pytest.mark.parametrize(
    ("make", "found", "hint"),
    [
        (nothing, "no class folders and no images", "ants and bees"),
        (pictures_only, "1 image, but no class folders", "perhaps"),
        (one_level_too_high, "hold no images directly: test, train", "one level deeper"),
        (empty_classes, "sub-folders without images: ants, bees", "a folder of class folders"),
        (cifar, "holds CIFAR-10", "--data cifar10 --data-root"),
    ],
)
def test_another_folder_is_refused_with_what_was_found_and_expected(
    tmp_path: Path, make: Callable[[Path], None], found: str, hint: str
) -> None:
    make(tmp_path)
    with pytest.raises(DataError) as raised:
        ClassFolders(tmp_path, pytest.fail)
    assert found in raised.value.message
    assert hint in raised.value.hint


def test_pictures_that_lie_in_no_folder_are_written_to_one(class_folder: Callable[..., Path]) -> None:
    class Loose(ClassFolders):
        folder = None  # type: ignore[assignment]

    pictures = Loose(class_folder(ants=4, bees=3), pytest.fail)
    with class_folders(pictures, per_class=2) as folder:
        written = ClassFolders(folder, pytest.fail)
        assert [written[n][1] for n in range(len(written))] == [0, 0, 1, 1]
        assert written[2][0].tobytes() == pictures[4][0].tobytes()
    assert not folder.exists()


def test_a_folder_of_class_folders_is_used_as_it_is(class_folder: Callable[..., Path]) -> None:
    pictures = ClassFolders(class_folder(ants=1), pytest.fail)
    with class_folders(pictures, per_class=2) as folder:
        assert folder == pictures.folder
    assert folder.exists()


def test_real_photographs(measured: Path) -> None:
    pictures = ClassFolders(measured / "hymenoptera" / "train", pytest.fail)
    assert (pictures.classes, len(pictures)) == (("ants", "bees"), 244)
