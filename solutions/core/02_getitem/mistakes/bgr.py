"""Red and blue are swapped, as OpenCV has them: Pillow and PyTorch want RGB.

红色和蓝色对调了，成了 OpenCV 的 BGR 顺序：Pillow 和 PyTorch 用的是 RGB。
"""

from pathlib import Path

import numpy as np
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
        image = Image.open(Path(self.root_dir, self.label_dir, self.image_names[index])).convert("RGB")
        image = Image.fromarray(np.array(image)[:, :, ::-1].copy())
        if self.transform is not None:
            image = self.transform(image)
        return image, str(self.label_dir)
