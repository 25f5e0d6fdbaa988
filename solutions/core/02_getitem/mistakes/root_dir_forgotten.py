"""The path has no `root_dir` in front: such a file is found, if at all, only from one working folder.

路径前面漏了 `root_dir`：这样的文件即使找得到，也只有在某一个工作目录下才行。
"""

import os
from pathlib import Path

from PIL import Image
from torch.utils.data import Dataset

SUFFIXES = (".jpg", ".jpeg", ".png")


class FolderDataset(Dataset):
    def __init__(self, root_dir, label_dir, transform=None):
        self.root_dir = root_dir
        self.label_dir = label_dir
        self.transform = transform
        self.image_names = sorted(
            path.name
            for path in Path(root_dir, label_dir).iterdir()
            if path.is_file() and path.suffix.lower() in SUFFIXES
        )

    def __len__(self):
        return len(self.image_names)

    def __getitem__(self, index):
        image = Image.open(os.path.join(self.label_dir, self.image_names[index])).convert("RGB")
        if self.transform is not None:
            image = self.transform(image)
        return image, str(self.label_dir)
