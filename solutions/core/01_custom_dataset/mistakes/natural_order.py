"""The names are sorted by the numbers in them, 9 before 10: `sorted()` takes names as text, and puts `10.jpg` before `9.jpg`.

按文件名里的数字排了序，9 在 10 之前：`sorted()` 把文件名当作文本，`10.jpg` 排在 `9.jpg` 之前。
"""

import os
import re

from torch.utils.data import Dataset

SUFFIXES = (".jpg", ".jpeg", ".png")


def by_number(name):
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name)]


class FolderDataset(Dataset):
    def __init__(self, root_dir, label_dir):
        self.root_dir = root_dir
        self.label_dir = label_dir
        folder = os.path.join(root_dir, label_dir)
        names = [
            name
            for name in os.listdir(folder)
            if name.lower().endswith(SUFFIXES) and os.path.isfile(os.path.join(folder, name))
        ]
        self.image_names = sorted(names, key=by_number)

    def __len__(self):
        return len(self.image_names)
