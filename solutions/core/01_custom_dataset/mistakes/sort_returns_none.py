"""`names.sort()` sorts the list in place and returns `None`, which is what `image_names` then holds: use `sorted(names)`, or sort first and keep the list afterwards.

`names.sort()` 就地排序，返回的是 `None`，于是 `image_names` 成了 `None`：改用 `sorted(names)`，或者先排序，再保存列表。
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
        self.image_names = names.sort()

    def __len__(self):
        return len(self.image_names)
