"""Converts only what is not RGB yet: an RGB file comes back as Pillow's own JpegImageFile or PngImageFile."""

from pathlib import Path

import PIL.Image
from torch.utils import data


class FolderDataset(data.Dataset):
    def __init__(self, root_dir, label_dir, transform=None):
        super(FolderDataset, self).__init__()
        self.label_dir = label_dir
        self.folder = Path(root_dir) / label_dir
        self.transform = transform or (lambda image: image)
        names = [path.name for path in self.folder.glob("*") if path.is_file()]
        self.image_names = sorted(name for name in names if name.lower().endswith((".jpg", ".jpeg", ".png")))

    def __len__(self):
        return len(self.image_names)

    def __getitem__(self, index):
        image = PIL.Image.open(self.folder / self.image_names[index])
        if image.mode != "RGB":
            image = image.convert("RGB")
        return self.transform(image), f"{self.label_dir}"
