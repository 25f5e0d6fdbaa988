"""Looks after the index by itself, and returns a named tuple."""

import os
from typing import NamedTuple

from PIL import Image
from torch.utils.data import Dataset


class Item(NamedTuple):
    image: object
    label: str


class FolderDataset(Dataset):
    def __init__(self, root_dir, label_dir, transform=None):
        self.root_dir, self.label_dir, self.transform = os.fspath(root_dir), os.fspath(label_dir), transform
        with os.scandir(os.path.join(root_dir, label_dir)) as entries:
            self.image_names = sorted(
                e.name
                for e in entries
                if e.is_file() and e.name.lower().rpartition(".")[2] in {"jpg", "jpeg", "png"}
            )

    def __len__(self):
        return len(self.image_names)

    def __getitem__(self, index):
        n = len(self)
        if index >= n or index < -n:
            raise IndexError(f"index {index} is outside a data set of {n} pictures")
        if index < 0:
            index = n + index
        path = f"{self.root_dir}/{self.label_dir}/{self.image_names[index]}"
        with open(path, "rb") as file:
            image = Image.open(file)
            image = image.convert("RGB")
        if self.transform is None:
            return Item(image, self.label_dir)
        return Item(self.transform(image), self.label_dir)
