"""Sub-folders are not left out: one may be called `more.jpg`, so ask `path.is_file()` as well.

没有排除子文件夹：文件夹也可以叫 `more.jpg`，所以还要用 `path.is_file()` 判断。
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
            if path.suffix.lower() in SUFFIXES
        )

    def __len__(self):
        return len(self.image_names)
