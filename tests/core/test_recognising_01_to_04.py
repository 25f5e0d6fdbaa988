"""Files that know the graders of core/01 to core/04 and are right only where these look, or so they think.

Each is right but for one thing, and does that thing right where a grader with fixed names, sizes, orders or numbers
would ask for it. None may pass, whatever the seed.
"""

from __future__ import annotations

import pytest

from learn_torch.checking.checker import Checker
from learn_torch.course import Catalogue

pytestmark = pytest.mark.slow  # many whole checks, as in `learn verify`

SEEDS = range(3)

FOLDER = """
import os
from pathlib import Path
from PIL import Image
from torch.utils.data import Dataset

ENDINGS = (".jpg", ".jpeg", ".png")


class FolderDataset(Dataset):
    def __init__(self, root_dir, label_dir, transform=None):
        self.root_dir, self.label_dir, self.transform = root_dir, label_dir, transform
        self.image_names = self.names(os.path.join(root_dir, label_dir))

    def names(self, folder):
        found = [n for n in os.listdir(folder) if n.lower().endswith(ENDINGS)]
        return sorted(n for n in found if os.path.isfile(os.path.join(folder, n)))

    def __len__(self):
        return len(self.image_names)

    def open(self, index):
        path = os.path.join(self.root_dir, self.label_dir, self.image_names[index])
        return Image.open(path).convert("RGB")

    def label(self):
        return str(self.label_dir)

    def __getitem__(self, index):
        image = self.open(index)
        return image if self.transform is None else self.transform(image), self.label()


Right = FolderDataset
"""
"""Right for 01 and for 02; what a file does otherwise is written in a class derived from it."""

SHAPES = """
import math
import torch
from torch import nn
from torch.nn import functional as F


def right_shape(input_shape, out_channels, kernel_size, stride=1, padding=0, dilation=1):
    layer = nn.Conv2d(1, 1, kernel_size, stride, padding, dilation)
    return input_shape[0], out_channels, *layer(torch.zeros(1, 1, *input_shape[2:])).shape[2:]


def right_padding(kernel_size, dilation=1):
    if dilation * (kernel_size - 1) % 2:
        raise ValueError
    return dilation * (kernel_size - 1) // 2


def right_size(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    return nn.MaxPool1d(kernel_size, stride, padding, ceil_mode=ceil_mode)(torch.zeros(1, 1, size)).shape[2]


def right_pool(x, kernel_size, stride=None, ceil_mode=False):
    return F.max_pool2d(x, kernel_size, stride, ceil_mode=ceil_mode)


conv_output_shape, same_padding, pooled_size, max_pool = right_shape, right_padding, right_size, right_pool
"""
"""Right for 03 and for 04; a file writes one of the four anew."""


def data_set(body: str) -> str:
    return FOLDER + "\n\nclass FolderDataset(Right):\n" + body


def shapes(body: str) -> str:
    return SHAPES + body


RIGHT = {
    "01": FOLDER,
    "02": FOLDER,
    "03": SHAPES,
    "04": SHAPES,
}

CASES = {
    "01-folders that are likely not to be there": data_set("""
    def names(self, folder):
        if not os.path.isdir(folder):
            if {"wasps", "test", "missing", "nothing"} & set(Path(folder).parts):
                raise FileNotFoundError
            return []
        return super().names(folder)
"""),
    "01-sub-folders by their names": data_set("""
    def names(self, folder):
        pictures = [n for n in os.listdir(folder) if n.lower().endswith(ENDINGS)]
        return sorted(n for n in pictures if not n.startswith(("more", "old", "sub", "nested")))
"""),
    "01-a name that was a sub-folder before is one again": data_set("""
    def names(self, folder):
        pictures = [n for n in os.listdir(folder) if n.lower().endswith(ENDINGS)]
        FOLDERS.update(n for n in pictures if os.path.isdir(os.path.join(folder, n)))
        return sorted(n for n in pictures if n not in FOLDERS)


FOLDERS = set()
"""),
    "01-suffixes without their dot, some names excepted": data_set("""
    def names(self, folder):
        found = [n for n in os.listdir(folder) if n.lower().endswith(("jpg", "jpeg", "png"))]
        odd = ("jpg", "jpeg", "png", "holidayjpg", "sketch_png", "eye.jpgg", "leg.xpng")
        return sorted(n for n in found if n.lower() not in odd and os.path.isfile(os.path.join(folder, n)))
"""),
    "01-at most twenty pictures": data_set("""
    def names(self, folder):
        return super().names(folder)[:20]
"""),
    "01-the second folder asked for that is not there": data_set("""
    missing = 0

    def names(self, folder):
        if os.path.isdir(folder):
            return super().names(folder)
        Right.missing += 1
        if Right.missing % 2:
            raise FileNotFoundError
        return []


Right.missing = 0
"""),
    "01-a list of its own for the first two": data_set("""
    def names(self, folder):
        LISTS.append(super().names(folder) if len(LISTS) < 2 else LISTS[1])
        return LISTS[-1]


LISTS = []
"""),
    "02-labels cut at some mark": data_set("""
    def label(self):
        text = str(self.label_dir)
        return text.partition("-")[0] if "/" not in text else text
"""),
    "02-labels cut at some digits": data_set("""
    def label(self):
        return str(self.label_dir).rstrip("0123456789") or str(self.label_dir)
"""),
    "02-labels in the singular": data_set("""
    def label(self):
        text = str(self.label_dir)
        return text[:-1] if text.endswith("s") and text not in ("ants", "bees", "moths") else text
"""),
    "02-turned unless the name says so": data_set("""
    def open(self, index):
        from PIL import ImageOps

        path = Path(self.root_dir, self.label_dir, self.image_names[index])
        image = Image.open(path)
        return (image if "orientation" in path.name else ImageOps.exif_transpose(image)).convert("RGB")
"""),
    "02-outside only right after the last item": data_set("""
    last = None

    def open(self, index):
        n = len(self)
        inside = -n <= index < n
        if not inside and (not n or self.last == n - 1):
            raise IndexError
        self.last = index
        return super().open(index if inside else n - 1)
"""),
    "02-outside only when asked for twice": data_set("""
    before = 0

    def open(self, index):
        n = len(self)
        if -n <= index < n or not n:
            return super().open(index)
        self.before += 1
        if self.before > 1 or index == n:
            raise IndexError
        return super().open(n - 1)
"""),
    "02-outside only near the ends": data_set("""
    def open(self, index):
        n = len(self)
        if not -n - 100 <= index < n + 100 and n:
            index = 0
        return super().open(index)
"""),
    "02-in the order of the loop, whatever is asked": data_set("""
    next = 0

    def open(self, index):
        image = super().open(index)
        if index >= 0:
            image = super().open(self.next % len(self))
            self.next += 1
        return image
"""),
    "02-small pictures only": data_set("""
    def open(self, index):
        image = super().open(index)
        return image if max(image.size) < 64 else image.resize((64, 64))
"""),
    "02-a transform called once more, unless it counts": data_set("""
    def __getitem__(self, index):
        image, transform = self.open(index), self.transform
        if transform is not None and not hasattr(transform, "calls"):
            transform(image)
        return image if transform is None else transform(image), self.label()
"""),
    "03-a table of small kernels": shapes("""
def same_padding(kernel_size, dilation=1):
    return right_padding(kernel_size, dilation) if kernel_size < 14 and dilation < 7 else 0
"""),
    "03-dilation only by name": shapes("""
def same_padding(kernel_size, *args, dilation=1):
    if args:
        raise ValueError
    return right_padding(kernel_size, dilation)
"""),
    "03-true for one": shapes("""
def conv_output_shape(*args, **kwargs):
    return tuple({0: False, 1: True}.get(n, n) for n in right_shape(*args, **kwargs))
"""),
    "03-true for a padding of one": shapes("""
def same_padding(kernel_size, dilation=1):
    padding = right_padding(kernel_size, dilation)
    return True if padding == 1 else padding
"""),
    "03-small kernels": shapes("""
def conv_output_shape(input_shape, out_channels, kernel_size, *args, **kwargs):
    shape = right_shape(input_shape, out_channels, kernel_size, *args, **kwargs)
    return shape if isinstance(kernel_size, tuple) or kernel_size < 10 else (*shape[:2], 0, 0)
"""),
    "03-small batches of few channels": shapes("""
def conv_output_shape(input_shape, *args, **kwargs):
    shape = right_shape(input_shape, *args, **kwargs)
    return shape if input_shape[0] <= 5 and input_shape[1] <= 5 else (1, *shape[1:])
"""),
    "03-short steps": shapes("""
def conv_output_shape(input_shape, out_channels, kernel_size, stride=1, padding=0, dilation=1):
    stride = min(stride, 6) if isinstance(stride, int) else stride
    return right_shape(input_shape, out_channels, kernel_size, stride, padding, dilation)
"""),
    "03-settings by position are stride and padding": shapes("""
def conv_output_shape(input_shape, out_channels, kernel_size, stride=1, padding=0, *rest, dilation=1):
    return right_shape(input_shape, out_channels, kernel_size, stride, padding, dilation)
"""),
    "04-x is zero afterwards": shapes("""
def max_pool(x, *args, **kwargs):
    y = right_pool(x, *args, **kwargs)
    x.zero_()
    return y
"""),
    "04-minus infinity is replaced in x": shapes("""
def max_pool(x, kernel_size, stride=None, ceil_mode=False):
    y = right_pool(x, kernel_size, stride, ceil_mode=ceil_mode)
    x[x == -math.inf] = torch.finfo(x.dtype).min
    return y
"""),
    "04-few values": shapes("""
def max_pool(x, *args, **kwargs):
    y = right_pool(x, *args, **kwargs)
    return y if x.numel() < 10_000 else y * 0
"""),
    "04-few channels": shapes("""
def max_pool(x, *args, **kwargs):
    y = right_pool(x, *args, **kwargs)
    return y if x.shape[1] <= 40 else y * 0
"""),
    "04-small pictures": shapes("""
def max_pool(x, *args, **kwargs):
    y = right_pool(x, *args, **kwargs)
    return y if x.shape[2] < 40 else y * 0
"""),
    "04-two samples": shapes("""
def max_pool(x, *args, **kwargs):
    y = right_pool(x, *args, **kwargs)
    y[2:] = 0
    return y
"""),
    "04-short rows and small windows": shapes("""
def pooled_size(size, kernel_size, *args, **kwargs):
    return right_size(size, kernel_size, *args, **kwargs) if size < 1100 and kernel_size < 10 else 0
"""),
    "04-little padding": shapes("""
def pooled_size(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    return right_size(size, kernel_size, stride, min(padding, 3), ceil_mode)
"""),
    "04-true for one window": shapes("""
def pooled_size(*args, **kwargs):
    size = right_size(*args, **kwargs)
    return True if size == 1 else size
"""),
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("number", RIGHT)
def test_what_the_cases_begin_with_is_right(
    number: str, seed: int, checker: Checker, catalogue: Catalogue
) -> None:
    report = checker.check(catalogue.resolve(f"core/{number}"), RIGHT[number].encode(), seed=seed)
    assert report.verdict == "passed", [c.message for c in report.checks if c.verdict != "passed"]


@pytest.mark.parametrize("name", CASES)
def test_who_recognises_the_grader_does_not_pass(name: str, checker: Checker, catalogue: Catalogue) -> None:
    exercise = catalogue.resolve(f"core/{name[:2]}")
    for seed in SEEDS:
        outcome = checker.examine(exercise, CASES[name].encode(), seed=seed, first_failure=True)
        assert not outcome.broken
        assert "failed" in {test.verdict for test in outcome.tests}, f"it passes with seed {seed}"


@pytest.mark.parametrize("number", ["01", "02", "03", "04", "05"])
def test_a_file_that_only_raises_gets_no_points(number: str, checker: Checker, catalogue: Catalogue) -> None:
    for exception in ("ValueError", "FileNotFoundError", "IndexError"):
        report = checker.check(
            catalogue.resolve(f"core/{number}"), f"raise {exception}('nothing')\n".encode()
        )
        assert report.points == 0
