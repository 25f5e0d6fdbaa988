"""The index is taken modulo the length: an index outside must raise `IndexError`, or a `for` loop never ends.

下标对长度取了余：越界的下标必须抛出 `IndexError`，否则 `for` 循环永远不会结束。
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
        index = index % len(self)
        image = Image.open(Path(self.root_dir, self.label_dir, self.image_names[index])).convert("RGB")
        if self.transform is not None:
            image = self.transform(image)
        return image, str(self.label_dir)
