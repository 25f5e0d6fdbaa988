"""The label is the whole path of the folder: it should be `label_dir` alone.

标签用了文件夹的完整路径：应当只是 `label_dir`。
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
        image = Image.open(os.path.join(folder, self.image_names[index])).convert("RGB")
        if self.transform is not None:
            image = self.transform(image)
        return image, folder
