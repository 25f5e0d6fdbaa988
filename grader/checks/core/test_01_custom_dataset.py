"""Hidden grader of core/01: the judge fills the folders, so it knows what is in them without asking the worker.

All names are drawn, and a name that is a picture in one folder is a sub-folder or the stem of another file in the next:
nobody can go by the names that the grader likes.
"""

import io
import os
import re
from collections import Counter
from pathlib import Path, PurePath

import pytest
from PIL import Image

from learn_torch.language import _
from learn_torch.testing import (
    Mismatch,
    assert_value,
    describe,
    is_handle,
    plain,
    random_names,
    type_name,
)

PICTURE = re.compile(r".+\.(jpe?g|png)", re.IGNORECASE | re.DOTALL)
FAR_ENDINGS = (".db", ".csv", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".svg", ".txt", "")
NEAR_ENDINGS = (
    *(".jfif", ".jpe", ".jp", ".pn"),
    *(".jpg.txt", ".png.part", ".jpeg.gif", ".jpgg", ".xpng", ".jpeg2", ".jpg~", ".png list", ".png_"),
    *("jpg", "jpeg", "png", "_jpg", " png", "-jpeg", "PNG"),
)
ENDINGS = FAR_ENDINGS + NEAR_ENDINGS
"""What makes a name that is no picture's: other suffixes, more after the suffix, the dot left out, no suffix at all."""


def a_picture():
    data = io.BytesIO()
    Image.new("RGB", (4, 3), "brown").save(data, "JPEG")
    return data.getvalue()


CONTENTS = (a_picture(), b"", b"no picture")
"""Stand in the files at random, whatever their names: it is the name that says what counts as a picture."""


def fill(folder, names, rng):
    """Make the folder if need be, and files of these names, in any order; returns the names of the pictures.

    Names that differ by case alone would be one file on some disks: the last one counts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    different = list({name.casefold(): name for name in names}.values())
    for name in rng.sample(different, len(different)):
        (folder / name).write_bytes(rng.choice(CONTENTS))
    return [name for name in different if PICTURE.fullmatch(name)]


def stems(rng, number):
    """Names without a dot: what becomes of another dot than that of the suffix is asked where it is the question."""
    return [name for name in random_names(rng, 2 * number + 9) if "." not in name][:number]


def some(rng, number):
    """Names of pictures; no two data sets are likely to have the same ones."""
    return [f"{stem}.jpg" for stem in stems(rng, number)]


def others(rng, number):
    """Names of files that nobody would take for pictures."""
    return [stem + rng.choice(FAR_ENDINGS) for stem in random_names(rng, number)]


def in_some_case(rng, text):
    """The text in capitals, in small letters, or mixed."""
    mixed = "".join(rng.choice((letter.lower(), letter.upper())) for letter in text)
    return rng.choice((text.lower(), text.upper(), text.title(), mixed))


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
    one, two, three, outer, inner = random_names(rng, 5)
    for label in (one, f"{two.upper()}.v{rng.randint(2, 9)}", three, os.path.join(outer, inner)):
        fill(given_files / label, some(rng, 2), rng)
        assert_kept(submission.FolderDataset(root, label), root_dir=root, label_dir=label)
    assert_kept(submission.FolderDataset(label_dir=one, root_dir=root), root_dir=root, label_dir=one)


def test_names(submission, given_files, rng):
    label, a, b, c, d, e, f, *more = random_names(rng, rng.randint(8, 20))
    odd = [f"{a} {b}.jpg", f"蚂蚁 {c}.jpg", f"_{d}.jpg", f".{e}.jpg", f"._{f}.png"]
    names = fill(given_files / label, [*odd, *(f"{stem}.jpg" for stem in more)], rng)
    assert_names(submission.FolderDataset(str(given_files), label), names)


def test_order(submission, given_files, rng):
    """Numbers, capitals, stems and suffixes: by each of them alone, the order would be another one."""
    label, stem, other, word, *more = stems(rng, rng.randint(8, 24))
    early, late = rng.choice("abcdef"), rng.choice("TUVWXYZ")
    names = [
        *(f"{rng.randint(2, 9)}.jpg", f"{rng.randint(10, 19)}.jpg"),
        *(f"{word}{rng.randint(3, 9)}.jpg", f"{word}{rng.randint(10, 29)}.jpg"),
        *(f"{early}{rng.randint(10, 99)}.jpg", f"{late}{rng.randint(10, 99)}.jpg", "蚂蚁.jpg"),
        *(f"{stem}.jpg", f"{stem} 2.jpg", f"{stem}-1.jpg"),
        *(f"{other}.JPG", f"{other}.jpeg", f"{other}.png"),
        *(f"{one}.jpg" for one in more),
    ]
    names = fill(given_files / label, names, rng)
    assert_names(submission.FolderDataset(str(given_files), label), names, in_order=True)


def test_suffixes(submission, given_files, rng):
    label, *drawn = random_names(rng, rng.randint(18, 26))
    fixed = (
        ".jpg",
        ".jpeg",
        ".png",
        ".JPG",
        ".JPEG",
        ".PNG",
        ".Jpg",
        ".jPeG",
        ".pnG",
        ".v2.jpeg",
        ".txt.png",
    )
    mixed = [in_some_case(rng, rng.choice((".jpg", ".jpeg", ".png"))) for _stem in drawn[len(fixed) :]]
    names = [stem + suffix for stem, suffix in zip(drawn, (*fixed, *mixed), strict=True)]
    names = fill(given_files / label, names, rng)
    assert_names(submission.FolderDataset(str(given_files), label), names)


def test_other_files(submission, given_files, rng):
    """What is the name of a picture in one folder is the beginning of another file's in the next."""
    labels, drawn = random_names(rng, 2), random_names(rng, 8 + len(ENDINGS))
    for label in labels:
        rng.shuffle(drawn)
        pictures, rest = drawn[: rng.randint(3, 8)], drawn[8:]
        suffix = rng.choice(("jpg", "JPG", "png", "jpeg"))
        others = [stem + ending for stem, ending in zip(rest, ENDINGS, strict=True)]
        names = [*(f"{stem}.jpg" for stem in pictures), *others, suffix]
        names = fill(given_files / label, names, rng)
        assert_names(submission.FolderDataset(str(given_files), label), names)


def test_sub_folders(submission, given_files, rng):
    """What is a picture in one folder is a sub-folder in the next."""
    names, old = some(rng, rng.randint(10, 12)), random_names(rng, 2)
    for label in random_names(rng, 2):
        names.reverse()
        number = rng.randint(2, 5)
        pictures = fill(given_files / label, names[:number], rng)
        for sub_folder in (*names[number:], *old, f"{label}.PNG"):
            fill(given_files / label / sub_folder, rng.sample(names, rng.randint(0, 2)), rng)
        dataset = submission.FolderDataset(str(given_files), label)
        assert_names(dataset, pictures)
        assert_length(dataset, number)


def test_length(submission, given_files, rng):
    numbers = [0, 1, *rng.sample(range(2, 20), 2), rng.randint(40, 90)]
    for label, number in zip(random_names(rng, 5), rng.sample(numbers, 5), strict=True):
        fill(given_files / label, [*some(rng, number), *others(rng, rng.randint(1, 3))], rng)
        assert_length(submission.FolderDataset(str(given_files), label), number)


def test_empty_folder(submission, given_files, rng):
    nothing, no_picture, no_file, sub_folder = random_names(rng, 4)
    fill(given_files / nothing, [], rng)
    fill(given_files / no_picture, others(rng, rng.randint(1, 5)), rng)
    fill(given_files / no_file / sub_folder, some(rng, 2), rng)
    for label in rng.sample((nothing, no_picture, no_file), 3):
        dataset = submission.FolderDataset(str(given_files), label)
        assert_names(dataset, [])
        assert_length(dataset, 0)


def test_missing_folder(submission, given_files, rng):
    """What is missing here has the name of a folder that is there elsewhere, and they are asked for in any order."""
    roots, labels = random_names(rng, 3), random_names(rng, 3)
    for root, label in zip(roots, labels, strict=True):
        fill(given_files / root / label, some(rng, 2), rng)
    asked = [
        (root, label) for root in (*roots, os.path.join(roots[0], roots[1])) for label in (*labels, roots[2])
    ]
    for root, label in rng.sample(asked, len(asked)):
        if (given_files / root / label).is_dir():
            submission.FolderDataset(str(given_files / root), label)
            continue
        with pytest.raises(FileNotFoundError):
            submission.FolderDataset(str(given_files / root), label)


def test_paths(submission, sandbox, given_files, rng):
    a, b, c, d, e = random_names(rng, 5)
    root = given_files / f"{a} {b}"
    labels = (c, f"{d}.v{rng.randint(2, 9)}", f"蚂蚁 {e}")
    names = {label: fill(root / label, some(rng, rng.randint(2, 5)), rng) for label in labels}
    relative = Path(os.path.relpath(root, sandbox.scratch))  # that is where the submission works
    # Absolute ones first: how a relative one begins depends on more than the seed, and so would what is diagnosed.
    for given_root in rng.sample((root, str(root)), 2) + rng.sample((relative, str(relative)), 2):
        for label in rng.sample(labels, 3):
            for given_label in rng.sample((Path(label), label), 2):
                dataset = submission.FolderDataset(given_root, given_label)
                assert_kept(dataset, root_dir=given_root, label_dir=given_label)
                assert_names(dataset, names[label])


def test_two_data_sets(submission, given_files, rng):
    labels = random_names(rng, rng.randint(2, 4))
    names = {label: fill(given_files / label, some(rng, rng.randint(1, 9)), rng) for label in labels}
    # All are there before any is asked: they must not share what belongs to one.
    datasets = {label: submission.FolderDataset(str(given_files), label) for label in names}
    for label in rng.sample(labels, len(labels)):
        assert_kept(datasets[label], label_dir=label)
        assert_names(datasets[label], names[label])
        assert_length(datasets[label], len(names[label]))


def test_sum(submission, sandbox, given_files, rng):
    labels = random_names(rng, rng.randint(2, 4))
    numbers = rng.sample(range(1, 20), len(labels))
    datasets = []
    for label, number in zip(labels, numbers, strict=True):
        fill(given_files / label, some(rng, number), rng)
        datasets.append(submission.FolderDataset(str(given_files), label))
    together = datasets[0]
    for dataset in datasets[1:]:
        together = together + dataset
    for dataset in (*datasets, together):
        if not is_handle(dataset) or not sandbox.isinstance(dataset, "torch.utils.data.Dataset"):
            raise Mismatch(describe(dataset), _("a data set, derived from torch.utils.data.Dataset"))
    assert_value(len(together), sum(numbers))
