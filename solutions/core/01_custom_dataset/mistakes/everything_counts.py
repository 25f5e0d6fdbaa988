"""Everything in the folder counts as a picture, `Thumbs.db` and sub-folders included: keep only files that end in `.jpg`, `.jpeg` or `.png`.

文件夹里的东西全都当成了图片，连 `Thumbs.db` 和子文件夹也算：只保留以 `.jpg`、`.jpeg` 或 `.png` 结尾的文件。
"""

import os

from torch.utils.data import Dataset


class FolderDataset(Dataset):
    def __init__(self, root_dir, label_dir):
        self.root_dir = root_dir
        self.label_dir = label_dir
        self.image_names = sorted(os.listdir(os.path.join(root_dir, label_dir)))

    def __len__(self):
        return len(self.image_names)
