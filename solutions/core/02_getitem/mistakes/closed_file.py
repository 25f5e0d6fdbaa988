"""`with` closes the file before the picture was loaded, since `Image.open` reads no pixels yet: convert the picture inside the block.

图片还没有加载，`with` 就把文件关了，因为 `Image.open` 并不马上读像素：要在 `with` 块里面转换。
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
        with Image.open(Path(self.root_dir, self.label_dir, self.image_names[index])) as image:
            if image.mode != "RGB":
                image = image.convert("RGB")
        if self.transform is not None:
            image = self.transform(image)
        return image, str(self.label_dir)
