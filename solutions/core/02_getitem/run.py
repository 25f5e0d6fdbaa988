"""Reads a data set through the reference, every picture of it, and draws a contact sheet."""

from PIL.Image import Image

from learn_torch.language import _
from learn_torch.runs.drawing.contact_sheet import contact_sheet, thumbnail
from learn_torch.runs.images.folders import UNREADABLE, class_folders, unreadable

USES = {"data", "out"}

SHOWN = 60
"""How many pictures the sheet shows at most, of all classes together."""


def run(solution, context):
    """Print a line for each label; write `contact_sheet.png`."""
    classes = context.data.classes
    per_class = max(1, SHOWN // len(classes))
    sections, rows = [], []
    if context.data.folder is None:  # FolderDataset reads files
        context.say(_("the first {n} of each class, written as PNG files for it to read").format(n=per_class))
    with class_folders(context.data, per_class) as folder:
        data_sets = [solution.FolderDataset(folder, label_dir) for label_dir in classes]
        with context.progress(_("reading pictures"), sum(map(len, data_sets))) as steps:
            for data_set in data_sets:
                label, shown, read = look_through(data_set, per_class, context, steps)
                rows.append((label, str(read), str(len(data_set) - read)))
                sections.append((f"{label} · {read}", shown))
    context.table((_("label"), _("pictures"), _("left out")), rows)
    sheet = contact_sheet(sections[:SHOWN])
    context.write("contact_sheet.png", sheet.save)


def look_through(data_set, per_class, context, steps) -> tuple[str, list[Image], int]:
    """The label, some pictures from the whole length of the data set, and how many could be read."""
    label, shown, read = data_set.label_dir, [], 0
    for index, name in enumerate(data_set.image_names):
        try:
            image, label = data_set[index]
        except UNREADABLE as error:
            context.warn(unreadable(data_set.root_dir / data_set.label_dir / name, error).message)
        else:
            read += 1
            if len(shown) * len(data_set) <= index * min(per_class, len(data_set)):
                shown.append(thumbnail(image))
        steps.done()
    return label, shown, read
