"""os.path instead of pathlib, opened and converted in one line; the list answers for the index."""

import os

from PIL import Image
from torch.utils.data import Dataset


class FolderDataset(Dataset):
    def __init__(self, root_dir, label_dir, transform=None):
        super().__init__()
        self.root_dir = root_dir
        self.label_dir = label_dir
        self.transform = transform
        self.path = os.path.join(root_dir, label_dir)
        self.image_names = []
        for name in sorted(os.listdir(self.path)):
            ending = os.path.splitext(name)[1].lower()
            if ending in [".jpg", ".jpeg", ".png"] and os.path.isfile(os.path.join(self.path, name)):
                self.image_names.append(name)

    def __getitem__(self, idx):
        img_name = self.image_names[idx]
        img_item_path = os.path.join(self.path, img_name)
        img = Image.open(img_item_path).convert("RGB")
        label = str(self.label_dir)
        if self.transform:
            img = self.transform(img)
        return img, label

    def __len__(self):
        return len(self.image_names)
