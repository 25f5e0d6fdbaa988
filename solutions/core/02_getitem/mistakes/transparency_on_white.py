"""Transparent pictures are painted onto a white background: `convert("RGB")` simply drops the transparency and keeps the colours.

把带透明度的图片贴到了白色背景上：`convert("RGB")` 只是丢掉透明度，颜色保持不变。
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
        if image.mode in ("RGBA", "LA"):
            white = Image.new("RGBA", image.size, "white")
            image = Image.alpha_composite(white, image.convert("RGBA"))
        image = image.convert("RGB")
        if self.transform is not None:
            image = self.transform(image)
        return image, str(self.label_dir)
