"""Large pictures are made smaller: every picture keeps its size, making it smaller is a transform's work.

大图片被缩小了：每张图片都要保持原来的尺寸，缩小是 transform 的事。
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
        image.thumbnail((128, 128))
        if self.transform is not None:
            image = self.transform(image)
        return image, str(self.label_dir)
