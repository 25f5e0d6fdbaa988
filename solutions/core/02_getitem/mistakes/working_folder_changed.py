"""`os.chdir` makes the paths depend on the working folder: the next data set changes it again; join `root_dir`, `label_dir` and the name instead.

`os.chdir` 让路径依赖工作目录：再建一个数据集，目录就又变了；应当把 `root_dir`、`label_dir` 和文件名拼起来。
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
        os.chdir(os.path.join(root_dir, label_dir))
        self.image_names = sorted(
            path.name
            for path in Path().iterdir()
            if path.is_file() and path.suffix.lower() in SUFFIXES
        )

    def __len__(self):
        return len(self.image_names)

    def __getitem__(self, index):
        image = Image.open(self.image_names[index]).convert("RGB")
        if self.transform is not None:
            image = self.transform(image)
        return image, str(self.label_dir)
