"""`root_dir` is overwritten with the joined path: keep it as it was given, and join under another name.

`root_dir` 被拼接后的路径覆盖了：要原样保存，拼接的结果另起名字。
"""

from pathlib import Path

from torch.utils.data import Dataset

SUFFIXES = (".jpg", ".jpeg", ".png")


class FolderDataset(Dataset):
    def __init__(self, root_dir, label_dir):
        self.root_dir = str(Path(root_dir, label_dir))
        self.label_dir = label_dir
        self.image_names = sorted(
            path.name
            for path in Path(self.root_dir).iterdir()
            if path.is_file() and path.suffix.lower() in SUFFIXES
        )

    def __len__(self):
        return len(self.image_names)
