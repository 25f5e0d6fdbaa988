"""`os.path.isfile` is asked about the name alone, which it looks for in the working folder and does not find: give it the whole path.

问 `os.path.isfile` 时只给了名字，它会到当前工作目录里去找，当然找不到：要给它完整的路径。
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
            if name.lower().endswith(SUFFIXES) and os.path.isfile(name)
        ]
        self.image_names = sorted(names)

    def __len__(self):
        return len(self.image_names)
