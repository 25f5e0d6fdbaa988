"""`root_dir` itself is listed: the pictures lie one level deeper, in `root_dir/label_dir`; join the two.

列出的是 `root_dir` 本身：图片在下一层的 `root_dir/label_dir` 里，要把两段路径拼起来。
"""

from pathlib import Path

from torch.utils.data import Dataset

SUFFIXES = (".jpg", ".jpeg", ".png")


class FolderDataset(Dataset):
    def __init__(self, root_dir, label_dir):
        self.root_dir = root_dir
        self.label_dir = label_dir
        self.image_names = sorted(
            path.name
            for path in Path(root_dir).iterdir()
            if path.is_file() and path.suffix.lower() in SUFFIXES
        )

    def __len__(self):
        return len(self.image_names)
