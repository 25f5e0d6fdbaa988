"""A suffix is looked for anywhere in the name, so that `photo.jpg.txt` counts as a picture: the name has to end in it.

只要名字里任何地方出现后缀就算，于是 `photo.jpg.txt` 也成了图片：名字必须以它结尾。
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
            if any(suffix in name.lower() for suffix in SUFFIXES) and os.path.isfile(os.path.join(folder, name))
        ]
        self.image_names = sorted(names)

    def __len__(self):
        return len(self.image_names)
