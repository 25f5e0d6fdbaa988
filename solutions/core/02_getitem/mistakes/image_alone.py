"""Only the picture is returned: an item is a tuple of the picture and its label.

只返回了图片：样本应当是图片和标签组成的元组。
"""

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
        image = Image.open(Path(self.root_dir, self.label_dir, self.image_names[index])).convert("RGB")
        if self.transform is not None:
            image = self.transform(image)
        return image
