"""自己的数据集。`learn show 01` 查看题目，`learn check 01` 检查本文件。"""

from pathlib import Path

from torch.utils.data import Dataset


class FolderDataset(Dataset):
    """文件夹 root_dir/label_dir 里的图片。"""

    def __init__(self, root_dir, label_dir):
        """保存传入的参数，并列出图片。

        root_dir、label_dir：都可以是 str 或 pathlib.Path。
        设置 root_dir、label_dir 和 image_names：image_names 是 .jpg、.jpeg、.png 文件名的列表，已排序。
        文件夹不存在时抛出 FileNotFoundError。
        """
        # TODO: self.root_dir、self.label_dir、self.image_names
        raise NotImplementedError

    def __len__(self):
        """图片的张数。"""
        # TODO: 返回图片的张数
        raise NotImplementedError


if __name__ == "__main__":  # python 01_custom_dataset.py
    ants = FolderDataset(Path(__file__).parent / "data" / "ants_bees", "ants")
    print(len(ants), ants.image_names)
