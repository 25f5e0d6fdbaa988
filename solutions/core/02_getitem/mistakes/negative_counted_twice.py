"""`len(self)` is added to a negative index, and the list then counts what is still negative from the end once more: below `-len(self)` it has to be `IndexError`.

负下标加上了 `len(self)` 之后可能还是负数，列表又会从末尾再数一遍：小于 `-len(self)` 时必须抛出 `IndexError`。
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
        if index < 0:
            index += len(self)
        image = Image.open(Path(self.root_dir, self.label_dir, self.image_names[index])).convert("RGB")
        if self.transform is not None:
            image = self.transform(image)
        return image, str(self.label_dir)
