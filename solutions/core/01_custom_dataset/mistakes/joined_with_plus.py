"""The path is put together with `+`: that does not work with a `Path`; `os.path.join` or `Path(root_dir, label_dir)` do with both.

路径是用 `+` 拼的：遇到 `Path` 就行不通；`os.path.join` 和 `Path(root_dir, label_dir)` 对 `str` 和 `Path` 都适用。
"""

import os

from torch.utils.data import Dataset

SUFFIXES = (".jpg", ".jpeg", ".png")


class FolderDataset(Dataset):
    def __init__(self, root_dir, label_dir):
        self.root_dir = root_dir
        self.label_dir = label_dir
        folder = root_dir + "/" + label_dir
        names = [
            name
            for name in os.listdir(folder)
            if name.lower().endswith(SUFFIXES) and os.path.isfile(os.path.join(folder, name))
        ]
        self.image_names = sorted(names)

    def __len__(self):
        return len(self.image_names)
