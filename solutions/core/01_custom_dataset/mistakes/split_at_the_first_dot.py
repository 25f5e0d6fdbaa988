"""The suffix is taken to be the second part of `name.split(".")`: a name may have more dots, as `b.v2.jpeg` has, and the suffix stands after the last.

把 `name.split(".")` 的第二段当成了后缀：文件名里可能还有别的点，比如 `b.v2.jpeg`，后缀在最后一个点之后。
"""

import os

from torch.utils.data import Dataset


class FolderDataset(Dataset):
    def __init__(self, root_dir, label_dir):
        self.root_dir = root_dir
        self.label_dir = label_dir
        folder = os.path.join(root_dir, label_dir)
        names = [
            name
            for name in os.listdir(folder)
            if "." in name and name.lower().split(".")[1] in ("jpg", "jpeg", "png") and os.path.isfile(os.path.join(folder, name))
        ]
        self.image_names = sorted(names)

    def __len__(self):
        return len(self.image_names)
