"""Only `.jpg` is looked for: `.jpeg` and `.png` are pictures, too.

只找了 `.jpg`：`.jpeg` 和 `.png` 也是图片。
"""

from pathlib import Path

from torch.utils.data import Dataset


class FolderDataset(Dataset):
    def __init__(self, root_dir, label_dir):
        self.root_dir = root_dir
        self.label_dir = label_dir
        self.image_names = sorted(
            path.name
            for path in Path(root_dir, label_dir).iterdir()
            if path.is_file() and path.suffix.lower() == ".jpg"
        )

    def __len__(self):
        return len(self.image_names)
