"""取出一个样本。`learn show 02` 查看题目，`learn check 02` 检查本文件。"""

from pathlib import Path

from PIL import Image
from torch.utils.data import Dataset

SUFFIXES = (".jpg", ".jpeg", ".png")


class FolderDataset(Dataset):
    """文件夹 root_dir/label_dir 里的图片：每个样本是 (image, label)。"""

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
        """返回元组：RGB 图片（有 transform 时是它的返回值），以及 str 形式的 label_dir。

        负下标从末尾数起；下标越界时抛出 IndexError。
        """
        # TODO: 打开图片，连同标签一起返回
        raise NotImplementedError


if __name__ == "__main__":  # python 02_getitem.py
    for image, label in FolderDataset(Path(__file__).parent / "data" / "ants_bees", "ants"):
        print(image, label)
