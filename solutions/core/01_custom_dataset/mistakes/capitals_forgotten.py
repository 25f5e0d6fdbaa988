"""Suffixes in capitals are missed: `.JPG` and `.Png` count, too, so make the suffix small before you compare it, `path.suffix.lower()`.

漏掉了大写的后缀：`.JPG` 和 `.Png` 也算，所以比较之前先变成小写：`path.suffix.lower()`。
"""

from pathlib import Path

from torch.utils.data import Dataset

SUFFIXES = (".jpg", ".jpeg", ".png")


class FolderDataset(Dataset):
    def __init__(self, root_dir, label_dir):
        self.root_dir = root_dir
        self.label_dir = label_dir
        self.image_names = sorted(
            path.name
            for path in Path(root_dir, label_dir).iterdir()
            if path.is_file() and path.suffix in SUFFIXES
        )

    def __len__(self):
        return len(self.image_names)
