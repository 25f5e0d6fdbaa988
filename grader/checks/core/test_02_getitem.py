"""Hidden grader of core/02: pictures are what the judge's own Pillow makes of the bytes that it wrote.

Names, sizes, numbers of pictures and the order of questions are drawn, so that nobody can go by them.
"""

import io
import os
import shutil
import string
from itertools import islice
from pathlib import Path

import pytest
from PIL import Image

from learn_torch.language import _
from learn_torch.testing import (
    Mismatch,
    RemoteError,
    assert_value,
    describe,
    is_handle,
    plain,
    random_names,
)

SUFFIXES = (".jpg", ".jpeg", ".png", ".JPG", ".PNG", ".Jpeg")


def noise(rng, mode="RGB", least=4, most=9):
    """A random picture; height and width differ, so that mixing them up shows."""
    if mode == "1":
        return noise(rng, "L", least, most).convert("1")
    size = rng.sample(range(least, most + 5), 2)
    picture = Image.frombytes(mode, tuple(size), rng.randbytes(size[0] * size[1] * len(mode)))
    if mode == "P":
        picture.putpalette(rng.randbytes(768))
    return picture


def write(picture, path, **options):
    """Write the file; returns what it is in RGB."""
    data = io.BytesIO()
    picture.save(data, "PNG" if path.suffix.lower() == ".png" else "JPEG", **options)
    path.write_bytes(data.getvalue())
    return Image.open(data).convert("RGB")


def a_label(rng):
    """One that nothing would cut: what becomes of others is the question of `test_label` alone."""
    return "".join(rng.choices(string.ascii_lowercase, k=rng.randint(3, 9)))


def a_folder(folder, rng, number):
    """Fill a folder with RGB pictures and other things; returns the pictures by name, in their order."""
    for _attempt in range(12):
        names = some_files(folder, rng, number)
        # Whoever lists the folder again has to find another file at every place, whatever the order on the disk.
        if all(one != other for one, other in zip(os.listdir(folder), names, strict=False)):
            break
    most = rng.choice((9, 9, 40))
    return {name: write(noise(rng, most=most), folder / name) for name in names}


def some_files(folder, rng, number):
    """Make the folder anew, with empty files; returns the names of its pictures, in their order."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    stems = random_names(rng, number + 3)
    (folder / f"{stems.pop()}.jpg").mkdir()
    names = sorted(stem + rng.choice(SUFFIXES) for stem in stems[2:])
    others = [
        stem + ending for stem, ending in zip(stems, rng.sample((".db", ".gif", ".txt"), 2), strict=False)
    ]
    for name in (*names, *others):
        (folder / name).write_bytes(rng.randbytes(20))
    return names


def in_any_order(rng, pictures):
    """`(index, name, picture)` of each, in any order, and some of them once more."""
    items = [(index, *item) for index, item in enumerate(pictures.items())]
    return rng.sample(items, len(items)) + rng.choices(items, k=min(2, len(items)))


def parts(reply):
    """The two parts of an item."""
    reply = plain(reply)
    if is_handle(reply) or not isinstance(reply, tuple) or len(reply) != 2:
        raise Mismatch(describe(reply), _("a tuple (image, label)"))
    return reply


def assert_picture(reply, name, expected):
    """The item has a picture with exactly the mode, size and pixels of `expected`, which is the file `name`."""
    item = parts(reply)
    found, wanted = describe(item), f"({describe(expected)} ({name}), …)"
    try:
        picture = plain(item[0])
    except RemoteError as error:
        text = _("its pixels cannot be read ({error}): is its file closed already?").format(error=error)
        raise Mismatch(found, wanted, text) from error
    if is_handle(picture) or not isinstance(picture, Image.Image):
        raise Mismatch(found, wanted)
    found = describe((picture, item[1]))
    if (picture.mode, picture.size) != (expected.mode, expected.size):
        raise Mismatch(found, wanted)
    came_back, right = picture.tobytes(), expected.tobytes()
    if came_back != right:
        first = next(place for place, (a, b) in enumerate(zip(came_back, right, strict=True)) if a != b)
        y, x = divmod(first // 3, expected.width)
        one, other = picture.getpixel((x, y)), expected.getpixel((x, y))
        text = _("the pixel at x={x}, y={y} is {a}, expected {b}").format(x=x, y=y, a=one, b=other)
        raise Mismatch(found, wanted, text)


def assert_label(reply, expected):
    """The item has this label."""
    item = parts(reply)
    try:
        assert_value(item[1], expected)
    except Mismatch as mismatch:
        raise Mismatch(describe(item), f"(…, {expected!r})", mismatch.detail) from None


def test_pair(submission, given_files, rng):
    label = a_label(rng)
    name, expected = next(iter(a_folder(given_files / label, rng, rng.randint(1, 6)).items()))
    item = submission.FolderDataset(given_files, label)[0]
    assert_picture(item, name, expected)
    assert_label(item, label)


def labels_of_all_kinds(rng):
    """Labels that a cut at a mark, at digits or at capitals, another case, or a part of the path would change."""
    words = iter(random_names(rng, 30))
    marked = [
        f"{next(words)}{mark}{rng.choice(('s', next(words)))}" for mark in ("_", "-", ".", " ", "__", ", ")
    ]
    ends = [
        f"_{next(words)}",
        f"{next(words)}_",
        f"{next(words)}s",
        f"{next(words)}.jpg",
        f"{next(words)}_image",
    ]
    digits = [
        f"{rng.randint(0, 9)}{next(words)}",
        f"{next(words)}{rng.randint(0, 99)}",
        f"0{rng.randint(10, 999)}",
    ]
    cases = [next(words).upper(), next(words).lower().title(), "蚂蚁" + next(words)]
    nested = [os.path.join(*(next(words) for _depth in range(depth))) for depth in (2, 3)]
    return [*marked, *ends, *digits, *cases, *nested]


def test_label(submission, given_files, rng):
    labels = labels_of_all_kinds(rng)
    for label_dir in labels:
        a_folder(given_files / label_dir, rng, 1)
    for label_dir in rng.sample(labels, len(labels)):
        root = rng.choice((given_files, str(given_files)))
        for given in rng.sample((label_dir, Path(label_dir)), 2):
            assert_label(submission.FolderDataset(root, given)[rng.choice((0, 0, -1))], label_dir)


def test_picture(submission, sandbox, given_files, rng):
    a, b, c, d, e = random_names(rng, 5)
    root = given_files / f"{a} {b}"
    labels = (c, f"蜜蜂{d}")
    folders = {label: a_folder(root / label, rng, rng.randint(3, 8)) for label in labels}
    for name, size in ((f"{e}.png", (40, 120)), (f"{e}.large.jpg", (200, 400))):
        folders[c][name] = write(noise(rng, "RGB", *size), root / c / name)
    folders = {label: dict(sorted(pictures.items())) for label, pictures in folders.items()}
    # All are there before any is asked: they must not share what belongs to one.
    relative = os.path.relpath(root, sandbox.scratch)  # that is where the submission works
    made = [(label, given) for label in labels for given in (str(root), root)]
    made += [(c, relative), (c, Path(relative))]
    datasets = [(submission.FolderDataset(given, label), folders[label]) for label, given in made]
    questions = [(dataset, item) for dataset, pictures in datasets for item in in_any_order(rng, pictures)]
    for dataset, (index, name, expected) in rng.sample(questions, len(questions)):
        assert_picture(dataset[index], name, expected)


MODES = (
    *((".jpg", "L"), (".png", "L"), (".png", "LA"), (".png", "P"), (".png", "RGBA"), (".png", "1")),
    *((".jpg", "CMYK"), (".png", "P with transparency")),
)


def odd_modes(folder, rng):
    """Fill a folder with pictures that are not RGB; returns what they are in RGB, by name, in their order."""
    folder.mkdir()
    pictures = {}
    for stem, (suffix, kind) in zip(
        random_names(rng, len(MODES)), rng.sample(MODES, len(MODES)), strict=True
    ):
        mode, *see_through = kind.split(" with ")
        options = {"transparency": rng.randbytes(256)} if see_through else {}
        picture = noise(rng, mode, most=rng.choice((9, 60)))
        pictures[stem + suffix] = write(picture, folder / f"{stem}{suffix}", **options)
    return dict(sorted(pictures.items()))


def test_rgb(submission, given_files, rng):
    label = a_label(rng)
    pictures = odd_modes(given_files / label, rng)
    dataset = submission.FolderDataset(given_files, label)
    for index, name, expected in in_any_order(rng, pictures):
        assert_picture(dataset[index], name, expected)


def test_not_turned(submission, given_files, rng):
    """Only the judge knows which picture is noted to be turned in which way."""
    label, *stems = random_names(rng, 8)
    (given_files / label).mkdir()
    pictures = {}
    for stem, orientation in zip(stems, rng.sample((2, 3, 4, 5, 6, 6, 8), 7), strict=True):
        exif = Image.Exif()
        exif[0x0112] = orientation
        name = stem + rng.choice((".jpg", ".JPG", ".jpeg"))
        pictures[name] = write(noise(rng, most=rng.choice((9, 60))), given_files / label / name, exif=exif)
    dataset = submission.FolderDataset(given_files, label)
    for index, name, expected in in_any_order(rng, dict(sorted(pictures.items()))):
        assert_picture(dataset[index], name, expected)


def test_negative_index(submission, given_files, rng):
    label = a_label(rng)
    pictures = a_folder(given_files / label, rng, rng.randint(3, 9))
    dataset = submission.FolderDataset(given_files, label)
    for index, name, expected in in_any_order(rng, pictures):
        if rng.random() < 0.3:
            dataset[index]  # what was asked before must not matter
        assert_picture(dataset[index - len(pictures)], name, expected)


def test_index_outside(submission, given_files, rng):
    """An index outside comes first, last, several times, and between those inside, in any order."""
    for label, n in zip(
        random_names(rng, 4), rng.sample((0, 1, rng.randint(2, 4), rng.randint(5, 9)), 4), strict=True
    ):
        a_folder(given_files / label, rng, n)
        near = [
            n,
            n + 1,
            -n - 1,
            -n - 2,
            2 * n,
            2 * n + 1,
            -2 * n - 1,
            n + rng.randint(2, 99),
            -n - rng.randint(2, 99),
        ]
        far = [rng.randint(100, 10**6), -rng.randint(100, 10**6)]
        outside = rng.sample(near, 5) + far
        for _fresh in range(2):
            inside = rng.choices(range(n), k=rng.randint(1, 4)) if n else []
            dataset = submission.FolderDataset(given_files, label)
            for index in rng.sample([*outside, *inside], len(outside) + len(inside)):
                if index in inside:
                    dataset[index]
                    continue
                with pytest.raises(IndexError):
                    dataset[index]


def test_loop(submission, given_files, rng):
    for n in rng.sample((0, rng.randint(1, 4), rng.randint(5, 25)), 3):
        label = a_label(rng)
        pictures = a_folder(given_files / label, rng, n)
        dataset = submission.FolderDataset(given_files, label)
        assert_value(len(dataset), n)
        for _again in range(rng.randint(1, 2)):
            items = list(islice(dataset, n + 1))
            if len(items) > n:
                raise Mismatch(describe(items[-1]), _("the end of the loop after {n} items").format(n=n))
            if len(items) < n:
                text = _("{n} items came back, {m} were expected").format(n=len(items), m=n)
                raise Mismatch(describe(items), _("the end of the loop after {n} items").format(n=n), text)
            for item, (name, expected) in zip(items, pictures.items(), strict=True):
                assert_picture(item, name, expected)
                assert_label(item, label)


def test_transform(submission, sandbox, given_files, rng):
    @sandbox.define
    def cut(left, top):
        return lambda image: image.crop((left, top, image.width, image.height))

    @sandbox.define
    def give(result):
        return lambda _image: result

    label = a_label(rng)
    pictures = a_folder(given_files / label, rng, rng.randint(3, 7))
    corner = rng.randint(1, 3), rng.randint(1, 3)
    dataset = submission.FolderDataset(given_files, label, transform=cut(*corner))
    untouched = submission.FolderDataset(given_files, label)  # the other's transform is not its own
    for index, name, expected in in_any_order(rng, pictures):
        item = dataset[index]
        assert_picture(item, name, expected.crop((*corner, *expected.size)))
        assert_label(item, label)
        assert_picture(untouched[index], name, expected)
    results = [
        None,
        0,
        "",
        [],
        False,
        (3, 4),
        [1],
        rng.randint(1, 99),
        {"a": rng.random()},
        *random_names(rng, 1),
    ]
    for result in rng.sample(results, len(results)):
        dataset = submission.FolderDataset(given_files, label, give(result))
        assert_value(dataset[rng.randrange(len(pictures))], (result, label))


def test_transform_gets_rgb(submission, sandbox, given_files, rng):
    """Each call takes the next of some drawn numbers, so that one call too many gives a wrong one."""

    @sandbox.define
    def following(numbers, kind):
        numbers = iter(numbers)

        def following(image):
            return next(numbers), image.mode, image.size

        class Following:
            def follow(self, image):
                return following(image)

            __call__ = follow

        return {"function": following, "object": Following(), "method": Following().follow}[kind]

    label = a_label(rng)
    pictures = odd_modes(given_files / label, rng)
    numbers = rng.sample(range(1000), 3 * len(pictures))
    for kind in rng.sample(("function", "object", "method"), 2):
        dataset = submission.FolderDataset(given_files, label, transform=following(numbers, kind))
        items = [(index, picture.size) for index, picture in enumerate(pictures.values())]
        for number, (index, size) in zip(numbers, rng.sample(items, len(items)), strict=False):
            assert_value(dataset[index], ((number, "RGB", size), label))
