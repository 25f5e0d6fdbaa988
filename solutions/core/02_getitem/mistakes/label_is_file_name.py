"""The label is the name of the picture's file: it should be that of the folder, `label_dir`, which is the same for all of them.

标签用了图片的文件名：应当是文件夹的名字 `label_dir`，同一个文件夹里的图片标签都相同。
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
        return image, self.image_names[index]
