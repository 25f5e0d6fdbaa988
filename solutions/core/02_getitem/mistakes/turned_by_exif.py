"""The picture is turned by the EXIF note of its camera: here it stays as it lies in the file, with its pixels as `convert("RGB")` gives them.

按相机的 EXIF 信息旋转了图片：这里要保持文件里的方向，像素就是 `convert("RGB")` 给出的那些。
"""

from pathlib import Path

from PIL import Image, ImageOps
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
        image = Image.open(Path(self.root_dir, self.label_dir, self.image_names[index]))
        image = ImageOps.exif_transpose(image).convert("RGB")
        if self.transform is not None:
            image = self.transform(image)
        return image, str(self.label_dir)
