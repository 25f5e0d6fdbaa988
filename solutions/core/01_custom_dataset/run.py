"""Looks into the class folders of a data set through the reference, and adds them all up."""

from functools import reduce
from operator import add

from learn_torch.language import _
from learn_torch.runs.images.folders import class_folders

USES = {"data"}

PER_CLASS = 10
"""How many pictures of each class are written to files, where the data lies in none."""


def run(solution, context):
    """Print a row for each class folder, and the length of their sum."""
    classes = context.data.classes
    if context.data.folder is None:  # FolderDataset lists files
        context.say(_("the first {n} of each class, written as PNG files for it to read").format(n=PER_CLASS))
    with class_folders(context.data, PER_CLASS) as folder:
        data_sets = [solution.FolderDataset(folder, label_dir) for label_dir in classes]
        headings = (_("label"), _("pictures"), _("first name"), _("last name"))
        context.table(headings, [row(data_set) for data_set in data_sets])
        together = reduce(add, data_sets)  # ants + bees + …
        context.say(_("all of them added up with +: {n}").format(n=len(together)))


def row(data_set) -> tuple[str, str, str, str]:
    """The label, the number of pictures, and the first and the last name; the data has no class without pictures."""
    names = data_set.image_names
    return data_set.label_dir, str(len(data_set)), names[0], names[-1]
