"""No base class, and every picture is read once, when the data set is made."""

import pathlib

import numpy as np
from PIL import Image


class FolderDataset:
    def __init__(self, root_dir, label_dir, transform=None):
        self.root_dir = root_dir
        self.label_dir = label_dir
        self.transform = transform
        paths = [p for p in pathlib.Path(root_dir, label_dir).iterdir() if not p.is_dir()]
        paths = [p for p in paths if p.suffix.casefold() in (".jpg", ".jpeg", ".png")]
        paths.sort(key=lambda p: p.name)
        self.image_names = [p.name for p in paths]
        self.images = []
        for p in paths:
            with Image.open(p) as file:
                self.images.append(np.asarray(file.convert("RGB")))

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = Image.fromarray(self.images[index])
        return image if self.transform is None else self.transform(image), str(self.label_dir)
