"""The folder is listed again by `os.listdir`: that comes in no particular order and with files that are no pictures, while `image_names` is sorted and clean.

又用 `os.listdir` 列了一遍文件夹：它没有固定顺序，还混有不是图片的文件；`image_names` 才是排好序、筛选过的。
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
        folder = os.path.join(self.root_dir, self.label_dir)
        image = Image.open(os.path.join(folder, os.listdir(folder)[index])).convert("RGB")
        if self.transform is not None:
            image = self.transform(image)
        return image, str(self.label_dir)
