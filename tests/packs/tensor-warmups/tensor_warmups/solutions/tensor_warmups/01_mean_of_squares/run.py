"""Says how far the pixels of the pictures are from black."""

USES = {"data"}


def run(solution, context):
    """Print the mean of the squares of each class."""
    import numpy as np
    import torch

    pixels = {name: [] for name in context.data.classes}
    for image, target in (context.data[index] for index in range(len(context.data))):
        pixels[context.data.classes[target]].append(torch.from_numpy(np.array(image)).flatten() / 255)
    means = {name: solution.mean_of_squares(torch.cat(found)).item() for name, found in pixels.items()}
    context.table(("class", "mean of squares"), [(name, f"{mean:.4f}") for name, mean in means.items()])
    return {"means": means}
