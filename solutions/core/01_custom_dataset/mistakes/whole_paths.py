"""`image_names` holds whole paths: only the names belong there, `path.name` or what `os.listdir` gives.

`image_names` 里放的是完整路径：只要文件名，也就是 `path.name`，或者 `os.listdir` 给出的名字。
"""

import os

from torch.utils.data import Dataset

SUFFIXES = (".jpg", ".jpeg", ".png")


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
        self.image_names = sorted(os.path.join(folder, name) for name in names)

    def __len__(self):
        return len(self.image_names)
