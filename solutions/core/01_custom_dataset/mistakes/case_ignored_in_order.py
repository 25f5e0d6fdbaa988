"""The names are sorted without regard to capitals: `sorted()` by itself puts capitals before small letters, `Queen.jpg` before `ant.jpg`.

排序时忽略了大小写：`sorted()` 本身会把大写字母排在小写字母之前，`Queen.jpg` 在 `ant.jpg` 之前。
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
        self.image_names = sorted(names, key=str.lower)

    def __len__(self):
        return len(self.image_names)
