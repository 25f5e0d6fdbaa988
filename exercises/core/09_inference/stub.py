"""Inference. `learn show 09` shows the statement, `learn check 09` checks this file."""

import torch
from PIL import Image
from torchvision import transforms


def load_model(checkpoint, model, device="cpu"):
    """Load a saved state_dict into `model`.

    checkpoint: path of the file, a str or a Path. Saved on any device; must not be trusted.
    Returns the given model, on `device`, in evaluation mode.
    """
    # TODO: read the file, load the weights, get the model ready
    raise NotImplementedError


def preprocess(image_path):
    """The picture as a batch of one: float32 (1, 3, 32, 32), RGB, values in 0..1.

    image_path: a str or a Path; the picture may be grey, palette or RGBA, and of any size.
    """
    # TODO: open, convert, resize, make a tensor
    raise NotImplementedError


def predict(model, image_path, classes, device="cpu"):
    """The likeliest class of a picture.

    model: gives logits, one for each class. classes: their names, in the model's order.
    Returns (class name, probability): a str from `classes` and a Python float.
    """
    # TODO: compute on `device` in evaluation mode, turn logits into probabilities, take the largest
    raise NotImplementedError
