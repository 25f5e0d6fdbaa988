"""The class is not derived from `Dataset`, so that `ants + bees` means nothing: write `class FolderDataset(Dataset):`.

类没有继承 `Dataset`，`ants + bees` 就没有意义：要写 `class FolderDataset(Dataset):`。
"""

from pathlib import Path

SUFFIXES = (".jpg", ".jpeg", ".png")


class FolderDataset:
    def __init__(self, root_dir, label_dir):
        self.root_dir = root_dir
        self.label_dir = label_dir
        self.image_names = sorted(
            path.name
            for path in Path(root_dir, label_dir).iterdir()
            if path.is_file() and path.suffix.lower() in SUFFIXES
        )

    def __len__(self):
        return len(self.image_names)
