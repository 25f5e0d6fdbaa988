"""The transform comes before `convert("RGB")`: it has to be given the RGB picture, and what it returns is not to be touched any more.

transform 放到了 `convert("RGB")` 前面：传给它的必须是 RGB 图片，而且它的返回值不能再动。
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
        if isinstance(image, Image.Image):
            image = image.convert("RGB")
        return image, str(self.label_dir)
