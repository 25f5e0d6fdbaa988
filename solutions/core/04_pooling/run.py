"""Compares the reference's sizes with those of the library's layers, and shows pictures that get coarser."""

import numpy as np
import torch
from PIL import Image
from torch import nn

from learn_torch.language import _
from learn_torch.runs.drawing.contact_sheet import CELL, contact_sheet

USES = {"data", "device", "out"}

SETTINGS = (
    {"size": 32, "kernel_size": 2},
    {"size": 16, "kernel_size": 2},
    {"size": 8, "kernel_size": 2},
    {"size": 32, "kernel_size": 3, "stride": 2, "padding": 1},
    {"size": 33, "kernel_size": 3, "stride": 2},
    {"size": 33, "kernel_size": 2},
    {"size": 33, "kernel_size": 2, "ceil_mode": True},
    {"size": 7, "kernel_size": 2, "stride": 4, "ceil_mode": True},
)
"""The first three are the poolings of the quick network."""
KERNELS = (2, 4, 8)
SHOWN = 8


def run(solution, context):
    """Print a table of sizes; write `pooled.png`."""
    rows = [row(solution, **settings) for settings in SETTINGS]
    context.table((_("pooling"), _("predicted"), _("the layer's"), ""), rows)
    step = max(1, len(context.data) // SHOWN)
    images = [
        square(context.data[index][0]) for index in range(0, step * SHOWN, step) if index < len(context.data)
    ]
    sections = [(_("as they are"), images)]
    for kernel in KERNELS:
        pooled = [pool(solution, image, kernel, context.device) for image in images]
        sections.append((f"max_pool(x, {kernel})", pooled))
    sheet = contact_sheet(sections, columns=SHOWN)
    context.write("pooled.png", sheet.save)


def row(solution, size, kernel_size, **settings):
    """The settings in words, the reference's size, the layer's, and whether they agree."""
    predicted = solution.pooled_size(size, kernel_size, **settings)
    layer = nn.MaxPool2d(kernel_size, **settings)
    found = layer(torch.zeros(1, 1, size, size)).shape[-1]
    words = ", ".join([f"{size}: {kernel_size}×{kernel_size}", *(f"{k}={v}" for k, v in settings.items())])
    return words, str(predicted), str(found), "✓" if predicted == found else "✗"


def square(image):
    """The middle of the picture, as large as a cell of the sheet."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side)).resize((CELL, CELL), Image.Resampling.BILINEAR)


def pool(solution, image, kernel, device):
    """The picture pooled, and enlarged again so that its pixels show."""
    x = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].to(device, torch.float32)  # (1, 3, H, W)
    small = solution.max_pool(x, kernel)[0].permute(1, 2, 0).to("cpu", torch.uint8)
    return Image.fromarray(small.numpy()).resize(image.size, Image.Resampling.NEAREST)
