"""Getting an item. `learn show 02` shows the statement, `learn check 02` checks this file."""

from pathlib import Path

from PIL import Image
from torch.utils.data import Dataset

SUFFIXES = (".jpg", ".jpeg", ".png")


class FolderDataset(Dataset):
    """The pictures of the folder root_dir/label_dir: an item is (image, label)."""

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
        """A tuple: the picture in RGB (or what transform returns for it), and label_dir as a str.

        A negative index counts from the end. An index outside raises IndexError.
        """
        # TODO: open the picture, and return it together with its label
        raise NotImplementedError


if __name__ == "__main__":  # python 02_getitem.py
    for image, label in FolderDataset(Path(__file__).parent / "data" / "ants_bees", "ants"):
        print(image, label)
