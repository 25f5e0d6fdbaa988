"""The values go up to 255: a float picture is in 0..1, so divide by 255, or let `ToTensor` do it.

值一直到 255：浮点图片应在 0..1 之间，要除以 255，或者交给 `ToTensor`。
"""

import numpy as np
import torch
from PIL import Image
from torchvision import transforms


def load_model(checkpoint, model, device="cpu"):
    weights = torch.load(checkpoint, map_location=device, weights_only=True)
    model.load_state_dict(weights)  # fills the model; what it returns is a report
    return model.to(device).eval()


def preprocess(image_path):
    image = Image.open(image_path).convert("RGB").resize((32, 32), Image.Resampling.BILINEAR)
    return torch.tensor(np.array(image), dtype=torch.float32).permute(2, 0, 1).unsqueeze(0)


@torch.no_grad()
def predict(model, image_path, classes, device="cpu"):
    model.to(device).eval()
    logits = model(preprocess(image_path).to(device))  # (1, number of classes)
    probability, index = logits.softmax(dim=1).max(dim=1)
    return classes[index.item()], probability.item()
