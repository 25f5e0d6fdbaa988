"""glob, once for each suffix; the missing folder, about which glob keeps silent, is looked after by hand."""

from itertools import chain
from pathlib import Path

import torch

ENDINGS = ("*.[jJ][pP][gG]", "*.[jJ][pP][eE][gG]", "*.[pP][nN][gG]")


class FolderDataset(torch.utils.data.Dataset):
    def __init__(self, root_dir, label_dir, endings=ENDINGS):
        self.root_dir, self.label_dir = Path(root_dir), Path(label_dir)
        if not self.folder.exists():
            raise FileNotFoundError(f"there is no folder {self.folder}")
        found = chain.from_iterable(self.folder.glob(ending) for ending in endings)
        names = {
            path.name for path in found if not path.is_dir()
        }  # a set: no name twice, where case is ignored
        self.image_names = sorted(names)

    @property
    def folder(self):
        return self.root_dir / self.label_dir

    def __len__(self):
        return len(self.image_names)

    def __repr__(self):
        return f"FolderDataset of {len(self)} pictures, {self.folder}"
