"""Two warm-ups with tensors, as a plugin of learn-torch."""

from pathlib import Path

import learn_torch
from learn_torch.course import CoursePack, DataSet, Pictures, Text


class Stripes(Pictures):
    """Stripes that run across or along: 40 pictures, drawn when they are asked for."""

    classes = ("across", "along")

    def __len__(self):
        return 40

    def __getitem__(self, index):
        from PIL import Image

        stripes = Image.new("RGB", (32, 32), "white")
        target = index % 2
        for at in range(index % 5, 32, 5):
            box = (0, at, 32, at + 2) if target == 0 else (at, 0, at + 2, 32)
            stripes.paste((40 + index, 60, 120), box)
        return stripes, target


class StripesData(DataSet):
    """`--data stripes`."""

    def open(self, root, say, *, train, progress=None):
        return Stripes()


@learn_torch.hookimpl
def learn_courses():
    """The course: this folder."""
    return [CoursePack("tensor-warmups", Path(__file__).parent)]


@learn_torch.hookimpl
def learn_data_sets():
    """The stripes."""
    return [StripesData("stripes", Text(en="stripes, drawn at once", zh="条纹，随用随画"))]
