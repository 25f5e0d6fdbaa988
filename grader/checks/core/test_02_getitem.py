"""Hidden grader of core/02: pictures are what the judge's own Pillow makes of the bytes that it wrote."""

import io
import os
from itertools import islice
from pathlib import Path

import pytest
from PIL import Image

from learn_torch.language import _
from learn_torch.testing import Mismatch, RemoteError, assert_value, describe, is_handle, plain

NAMES = ("0013.jpg", "Zoo.PNG", "ant photos.jpg", "formica.jpeg", "b.v2.Jpeg", "蚂蚁 1.JPG", "_9.png")


def noise(rng, mode="RGB", least=4):
    """A small random picture; height and width differ, so that mixing them up shows."""
    if mode == "1":
        return noise(rng, "L").convert("1")
    width = least + rng.randint(0, 5)
    height = width + rng.randint(1, 5)
    size = (width, height) if rng.random() < 0.5 else (height, width)
    picture = Image.frombytes(mode, size, rng.randbytes(width * height * len(mode)))
    if mode == "P":
        picture.putpalette(rng.randbytes(768))
    return picture


def write(picture, path, **options):
    """Write the file; returns what it is in RGB."""
    data = io.BytesIO()
    picture.save(data, "PNG" if path.suffix.lower() == ".png" else "JPEG", **options)
    path.write_bytes(data.getvalue())
    return Image.open(data).convert("RGB")


def a_folder(folder, rng, number=5):
    """Fill a folder with RGB pictures and other things; returns the pictures by name, in their order."""
    folder.mkdir(parents=True)
    (folder / "more.jpg").mkdir()
    for name in ("Thumbs.db", "imageNotFound.gif", "notes.txt"):
        (folder / name).write_bytes(rng.randbytes(20))
    pictures = {name: write(noise(rng), folder / name) for name in rng.sample(NAMES, number)}
    return dict(sorted(pictures.items()))


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
    for x, y in ((x, y) for y in range(expected.height) for x in range(expected.width)):
        one, other = picture.getpixel((x, y)), expected.getpixel((x, y))
        if one != other:
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
    ants = a_folder(given_files / "ants", rng)
    name, expected = next(iter(ants.items()))
    item = submission.FolderDataset(given_files, "ants")[0]
    assert_picture(item, name, expected)
    assert_label(item, "ants")


def test_label(submission, given_files, rng):
    labels = ("ants", "bees.v2", "蚂蚁 1", os.path.join("train", "moths"))
    for label_dir in labels:
        a_folder(given_files / label_dir, rng, 2)
    for root in (given_files, str(given_files)):
        for label_dir in labels:
            for given in (label_dir, Path(label_dir)):
                assert_label(submission.FolderDataset(root, given)[rng.randrange(2)], label_dir)


def test_picture(submission, sandbox, given_files, rng):
    root = given_files / "hymenoptera data"
    ants, bees = a_folder(root / "ants", rng), a_folder(root / "蜜蜂", rng)
    large = write(noise(rng, least=50), root / "ants" / "a large one.png")
    ants = dict(sorted({**ants, "a large one.png": large}.items()))
    # Both are there before either is asked: they must not share what belongs to one.
    datasets = [submission.FolderDataset(str(root), label) for label in ("ants", "蜜蜂")]
    for dataset, pictures in zip(datasets, (ants, bees), strict=True):
        for index, (name, expected) in enumerate(pictures.items()):
            assert_picture(dataset[index], name, expected)
    relative = os.path.relpath(root, sandbox.scratch)  # that is where the submission works
    for given in (relative, Path(relative)):
        dataset = submission.FolderDataset(given, "ants")
        for index, (name, expected) in enumerate(ants.items()):
            assert_picture(dataset[index], name, expected)


def odd_modes(folder, rng):
    """Fill a folder with pictures that are not RGB; returns what they are in RGB, by name, in their order."""
    folder.mkdir()
    modes = {
        "a.jpg": "L",
        "b.png": "L",
        "c.png": "LA",
        "d.png": "P",
        "e.png": "RGBA",
        "f.png": "1",
        "g.jpg": "CMYK",
    }
    pictures = {name: write(noise(rng, mode), folder / name) for name, mode in modes.items()}
    see_through = {"transparency": rng.randbytes(256)}
    return {**pictures, "h.png": write(noise(rng, "P"), folder / "h.png", **see_through)}


def test_rgb(submission, given_files, rng):
    pictures = odd_modes(given_files / "ants", rng)
    dataset = submission.FolderDataset(given_files, "ants")
    for index, (name, expected) in enumerate(pictures.items()):
        assert_picture(dataset[index], name, expected)


def test_not_turned(submission, given_files, rng):
    (given_files / "ants").mkdir()
    pictures = {}
    for orientation in (3, rng.choice((2, 4, 5, 7)), 6, 8):
        exif = Image.Exif()
        exif[0x0112] = orientation
        name = f"orientation {orientation}.jpg"
        pictures[name] = write(noise(rng), given_files / "ants" / name, exif=exif)
    dataset = submission.FolderDataset(given_files, "ants")
    for index, (name, expected) in enumerate(sorted(pictures.items())):
        assert_picture(dataset[index], name, expected)


def test_negative_index(submission, given_files, rng):
    ants = a_folder(given_files / "ants", rng)
    dataset = submission.FolderDataset(given_files, "ants")
    for index, (name, expected) in enumerate(ants.items()):
        assert_picture(dataset[index - len(ants)], name, expected)


def test_index_outside(submission, given_files, rng):
    number = rng.randint(3, 6)
    a_folder(given_files / "ants", rng, number)
    (given_files / "nothing").mkdir()
    for label, n in (("ants", number), ("nothing", 0)):
        dataset = submission.FolderDataset(given_files, label)
        if n:
            dataset[n - 1]  # the last one is still inside
        for index in (n, -n - 1, 2 * n + 1, -2 * n - 1, n + rng.randint(2, 99), -n - rng.randint(2, 99)):
            with pytest.raises(IndexError):
                dataset[index]


def test_loop(submission, given_files, rng):
    ants = a_folder(given_files / "ants", rng)
    dataset = submission.FolderDataset(given_files, "ants")
    assert_value(len(dataset), len(ants))
    items = list(islice(dataset, len(ants) + 1))
    if len(items) > len(ants):
        raise Mismatch(describe(items[-1]), _("the end of the loop after {n} items").format(n=len(ants)))
    if len(items) < len(ants):
        text = _("{n} items came back, {m} were expected").format(n=len(items), m=len(ants))
        raise Mismatch(describe(items), _("the end of the loop after {n} items").format(n=len(ants)), text)
    for item, (name, expected) in zip(items, ants.items(), strict=True):
        assert_picture(item, name, expected)
        assert_label(item, "ants")


def test_transform(submission, sandbox, given_files, rng):
    @sandbox.define
    def trim(image):
        return image.crop((1, 1, image.width, image.height))

    @sandbox.define
    def give(result):
        return lambda _image: result

    ants = a_folder(given_files / "ants", rng)
    dataset = submission.FolderDataset(given_files, "ants", transform=trim)
    for index, (name, expected) in enumerate(ants.items()):
        item = dataset[index]
        assert_picture(item, name, expected.crop((1, 1, expected.width, expected.height)))
        assert_label(item, "ants")
    name, expected = next(iter(ants.items()))
    assert_picture(
        submission.FolderDataset(given_files, "ants")[0], name, expected
    )  # the other's is not its own
    for result in (None, 0, (3, 4), "", [1]):
        dataset = submission.FolderDataset(given_files, "ants", transform=give(result))
        assert_value(dataset[1], (result, "ants"))


def test_transform_gets_rgb(submission, sandbox, given_files, rng):
    @sandbox.define
    class Look:
        def __init__(self):
            self.calls = 0

        def __call__(self, image):
            self.calls += 1
            return f"call {self.calls}: {image.mode} {image.width}×{image.height}"

    pictures = odd_modes(given_files / "ants", rng)
    dataset = submission.FolderDataset(given_files, "ants", transform=Look())
    for index, picture in enumerate(pictures.values()):
        size = f"{picture.width}×{picture.height}"
        assert_value(dataset[index], (f"call {index + 1}: RGB {size}", "ants"))
