"""os.listdir and os.path in a loop, as most people write it first; sorted in place at the end."""

import os

from torch.utils.data import Dataset


class FolderDataset(Dataset):
    def __init__(self, root_dir, label_dir):
        super(FolderDataset, self).__init__()
        self.root_dir = root_dir
        self.label_dir = label_dir
        self.path = os.path.join(self.root_dir, self.label_dir)
        self.image_names = []
        for img_name in os.listdir(self.path):
            stem, ending = os.path.splitext(img_name)
            if ending.lower() not in [".jpg", ".jpeg", ".png"]:
                continue
            if os.path.isfile(os.path.join(self.path, img_name)):
                self.image_names.append(img_name)
        self.image_names.sort()
        self.number = len(self.image_names)

    def __len__(self):
        return self.number


if __name__ == "__main__":
    ants = FolderDataset("hymenoptera_data/train", "ants")
    bees = FolderDataset("hymenoptera_data/train", "bees")
    print(len(ants + bees))
