"""Hidden grader of core/01: the judge fills the folders, so it knows what is in them without asking the worker."""

import io
import os
from collections import Counter
from pathlib import Path, PurePath

import pytest
from PIL import Image

from learn_torch.language import _
from learn_torch.testing import Mismatch, assert_value, describe, is_handle, plain, type_name

WORDS = ("ant", "bee", "beetle", "cricket", "formica", "ladybird", "larva", "moth")
OTHER_FILES = (
    *("Thumbs.db", ".DS_Store", "readme", "labels.csv", "imageNotFound.gif"),
    *("scan.bmp", "wing.webp", "leaf.tif", "pollen.tiff", "stem.jfif", "hive.svg", "nest.jpe"),
    *("photo.jpg.txt", "queen.png.part", "swarm.jpeg.gif", "eye.jpgg", "leg.xpng"),
    *("jpg", "PNG", "jpeg", "holidayjpg", "sketch_png", "png list.txt"),
)


def a_picture():
    data = io.BytesIO()
    Image.new("RGB", (4, 3), "brown").save(data, "JPEG")
    return data.getvalue()


CONTENTS = (a_picture(), b"", b"no picture")
"""Stand in the files by turns, whatever their names: it is the name that says what counts as a picture."""


def fill(folder, names):
    """Make the folder if need be, and files of these names, in this order; returns the names."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        (folder / name).write_bytes(CONTENTS[number % len(CONTENTS)])
    return list(names)


def some(rng, number):
    """Names of pictures; no two data sets are likely to have the same ones."""
    return [f"{word}{rng.randint(10, 99)}.jpg" for word in rng.sample(WORDS, number)]


def assert_names(dataset, names, *, in_order=False):
    """`image_names` is a list of exactly these names; in their order, if that is the question."""
    expected = sorted(names)
    found = plain(dataset.image_names)
    if not is_handle(found) and isinstance(found, list):
        found = [plain(name) for name in found]
    try:
        if all_str(found):
            if detail := differences(found, expected):
                raise Mismatch(describe(found), describe(expected), detail)
            found = found if in_order else sorted(found)
        assert_value(found, expected)
    except Mismatch as mismatch:
        came_back, wanted = (f"image_names: {text}" for text in (mismatch.came_back, mismatch.expected))
        raise Mismatch(came_back, wanted, mismatch.detail) from None


def all_str(value):
    """It is a list of strings."""
    if is_handle(value) or not isinstance(value, list):
        return False
    return all(not is_handle(item) and isinstance(item, str) for item in value)


def differences(found, expected):
    """Which names are missing, and which are too many, in words; empty where both have the same ones."""
    missing, too_many = Counter(expected) - Counter(found), Counter(found) - Counter(expected)
    parts = []
    if missing:
        parts.append(_("missing: {names}").format(names=describe(sorted(missing.elements()))))
    if too_many:
        parts.append(_("too many: {names}").format(names=describe(sorted(too_many.elements()))))
    return "; ".join(parts)


def assert_kept(dataset, **given):
    """The attributes have, as text, what was given."""
    for name, value in given.items():
        found = plain(getattr(dataset, name))
        fits = not is_handle(found) and isinstance(found, str | PurePath)
        if not fits or str(found) != str(value):
            raise Mismatch(f"{name}: {describe(found)}", f"{name}: {describe(value)}")


def assert_length(dataset, number):
    """`len` works, and `__len__` itself returns an int: `len` alone would make one of a tensor or a NumPy number."""
    assert_value(len(dataset), number)
    found = plain(dataset.__getattr__("__len__")())
    if is_handle(found) or isinstance(found, bool) or not isinstance(found, int):
        kind = type_name(found) if is_handle(found) else type(found).__name__
        text = _("the type is {a}, expected {b}").format(a=kind, b="int")
        raise Mismatch(f"__len__: {describe(found)}", describe(number), text)


def test_kept(submission, given_files, rng):
    root = str(given_files)
    for label in ("ants", "Bees.v2", os.path.join("train", "moths")):
        fill(given_files / label, some(rng, 2))
        assert_kept(submission.FolderDataset(root, label), root_dir=root, label_dir=label)
    assert_kept(submission.FolderDataset(label_dir="ants", root_dir=root), root_dir=root, label_dir="ants")


def test_names(submission, given_files, rng):
    names = fill(
        given_files / "ants",
        [*some(rng, 3), "ant photos.jpg", "蚂蚁 1.jpg", "_0.jpg", ".ant.jpg", "._bee.png"],
    )
    assert_names(submission.FolderDataset(str(given_files), "ants"), names)


def test_order(submission, given_files, rng):
    """Numbers, capitals, stems and suffixes: by each of them alone, the order would be another one.

    No two names differ by case alone: on some disks they would be one file.
    """
    stem, other = rng.sample(WORDS, 2)
    names = [
        *(f"{rng.randint(2, 9)}.jpg", f"{rng.randint(10, 19)}.jpg"),
        *(f"{rng.choice(('Queen', 'Swarm', 'Wasp'))}.jpg", "蚂蚁.jpg"),
        *(f"{stem}.jpg", f"{stem} 2.jpg", f"{stem}-1.jpg"),
        *(f"{other}.JPG", f"{other}.jpeg", f"{other}.png"),
    ]
    rng.shuffle(names)
    fill(given_files / "ants", names)
    assert_names(submission.FolderDataset(str(given_files), "ants"), names, in_order=True)


def test_suffixes(submission, given_files, rng):
    suffixes = (".jpg", ".jpeg", ".png", ".JPG", ".JPEG", ".PNG", ".Jpg", ".jPeG", ".pnG")
    names = [f"{number}{suffix}" for number, suffix in zip(rng.sample(range(100), 9), suffixes, strict=True)]
    fill(given_files / "ants", [*names, "b.v2.jpeg", "notes.txt.png"])
    assert_names(submission.FolderDataset(str(given_files), "ants"), [*names, "b.v2.jpeg", "notes.txt.png"])


def test_other_files(submission, given_files, rng):
    names = some(rng, 4)
    fill(given_files / "ants", rng.sample([*names, *OTHER_FILES], len(names) + len(OTHER_FILES)))
    assert_names(submission.FolderDataset(str(given_files), "ants"), names)


def test_sub_folders(submission, given_files, rng):
    names = fill(given_files / "ants", some(rng, 4))
    for sub_folder in ("more.jpg", "old", "older.PNG"):
        fill(given_files / "ants" / sub_folder, [f"{sub_folder[:3]}{rng.randint(10, 99)}.jpg"])
    dataset = submission.FolderDataset(str(given_files), "ants")
    assert_names(dataset, names)
    assert_length(dataset, len(names))


def test_length(submission, given_files, rng):
    for label, number in zip(("ants", "bees", "moths"), rng.sample(range(2, 9), 3), strict=True):
        fill(given_files / label, [*some(rng, number), "Thumbs.db"])
        assert_length(submission.FolderDataset(str(given_files), label), number)


def test_empty_folder(submission, given_files):
    for label, names in (("nothing", []), ("no pictures", ["Thumbs.db", "notes.txt"])):
        fill(given_files / label, names)
        dataset = submission.FolderDataset(str(given_files), label)
        assert_names(dataset, [])
        assert_length(dataset, 0)


def test_missing_folder(submission, given_files, rng):
    root = given_files / "train"
    fill(root / "ants", some(rng, 2))
    submission.FolderDataset(str(root), "ants")  # this one is there
    for missing in ((root, "wasps"), (given_files / "test", "ants")):
        with pytest.raises(FileNotFoundError):
            submission.FolderDataset(str(missing[0]), missing[1])


def test_paths(submission, sandbox, given_files, rng):
    root = given_files / "hymenoptera data"
    names = {label: fill(root / label, some(rng, 3)) for label in ("ants", "bees.v2", "蚂蚁 1")}
    relative = Path(os.path.relpath(root, sandbox.scratch))  # that is where the submission works
    for given_root in (root, str(root), relative, str(relative)):
        for label in names:
            for given_label in (Path(label), label):
                dataset = submission.FolderDataset(given_root, given_label)
                assert_kept(dataset, root_dir=given_root, label_dir=given_label)
                assert_names(dataset, names[label])


def test_two_data_sets(submission, given_files, rng):
    names = {label: fill(given_files / label, some(rng, n)) for label, n in (("ants", 2), ("bees", 4))}
    # Both are there before either is asked: they must not share what belongs to one.
    datasets = {label: submission.FolderDataset(str(given_files), label) for label in names}
    for label, dataset in datasets.items():
        assert_kept(dataset, label_dir=label)
        assert_names(dataset, names[label])
        assert_length(dataset, len(names[label]))


def test_sum(submission, sandbox, given_files, rng):
    numbers = rng.sample(range(2, 9), 2)
    datasets = []
    for label, number in zip(("ants", "bees"), numbers, strict=True):
        fill(given_files / label, some(rng, number))
        datasets.append(submission.FolderDataset(str(given_files), label))
    both = datasets[0] + datasets[1]
    for dataset in (*datasets, both):
        if not is_handle(dataset) or not sandbox.isinstance(dataset, "torch.utils.data.Dataset"):
            raise Mismatch(describe(dataset), _("a data set, derived from torch.utils.data.Dataset"))
    assert_value(len(both), sum(numbers))
