"""A missing folder goes unnoticed: `glob` finds nothing there and keeps silent; list the folder with `os.listdir` or `iterdir`, or raise `FileNotFoundError` by yourself.

文件夹不存在却没有察觉：`glob` 什么也找不到，一声不响；应改用 `os.listdir` 或 `iterdir` 列出文件夹，或者自己抛出 `FileNotFoundError`。
"""

import glob
import os

from torch.utils.data import Dataset

SUFFIXES = (".jpg", ".jpeg", ".png")


class FolderDataset(Dataset):
    def __init__(self, root_dir, label_dir):
        self.root_dir = root_dir
        self.label_dir = label_dir
        self.image_names = sorted(
            os.path.basename(path)
            for path in glob.glob(os.path.join(root_dir, label_dir, "*"))
            if path.lower().endswith(SUFFIXES) and os.path.isfile(path)
        )

    def __len__(self):
        return len(self.image_names)
