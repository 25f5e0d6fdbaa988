"""The names are in the order in which the disk lists them: that order is another one on each machine, so sort them, `sorted(names)`.

文件名的顺序就是磁盘列出的顺序：换一台机器，顺序就不一样，所以要排序：`sorted(names)`。
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
        self.image_names = names

    def __len__(self):
        return len(self.image_names)
