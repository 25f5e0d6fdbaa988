"""A data set of your own. `learn show 01` shows the statement, `learn check 01` checks this file."""

from pathlib import Path

from torch.utils.data import Dataset


class FolderDataset(Dataset):
    """The pictures of the folder root_dir/label_dir."""

    def __init__(self, root_dir, label_dir):
        """Keep what is given, and list the pictures.

        root_dir, label_dir: each a str or a pathlib.Path.
        Sets root_dir, label_dir, and image_names: the sorted list of the names of the .jpg, .jpeg and .png files.
        Raises FileNotFoundError where there is no such folder.
        """
        # TODO: self.root_dir, self.label_dir, self.image_names
        raise NotImplementedError

    def __len__(self):
        """How many pictures there are."""
        # TODO: the number of pictures
        raise NotImplementedError


if __name__ == "__main__":  # python 01_custom_dataset.py
    ants = FolderDataset(Path(__file__).parent / "data" / "ants_bees", "ants")
    print(len(ants), ants.image_names)
