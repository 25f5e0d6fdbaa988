"""The list stands in the class itself, and all data sets share it: set `self.image_names = ...` in `__init__`, so that each has its own.

列表写在类里，所有数据集共用同一个：要在 `__init__` 里写 `self.image_names = ...`，让每个对象有自己的列表。
"""

from pathlib import Path

from torch.utils.data import Dataset

SUFFIXES = (".jpg", ".jpeg", ".png")


class FolderDataset(Dataset):
    image_names = []

    def __init__(self, root_dir, label_dir):
        self.root_dir = root_dir
        self.label_dir = label_dir
        for path in sorted(Path(root_dir, label_dir).iterdir()):
            if path.is_file() and path.suffix.lower() in SUFFIXES:
                self.image_names.append(path.name)

    def __len__(self):
        return len(self.image_names)
