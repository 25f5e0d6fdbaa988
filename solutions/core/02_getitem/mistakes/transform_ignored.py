"""The item holds the picture as it was before the transform: where there is one, what it returns belongs into the item, `image = self.transform(image)`.

样本里放的还是 transform 之前的图片：有 transform 时，应当放它的返回值，写 `image = self.transform(image)`。
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
        return image, str(self.label_dir)
