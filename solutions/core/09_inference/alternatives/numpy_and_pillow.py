import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F


def load_model(checkpoint, model, device=torch.device("cpu")):
    with open(checkpoint, "rb") as file:
        weights = torch.load(file, map_location="cpu")  # weights_only is the default
    model.to(device)
    print(model.load_state_dict(weights))
    model.train(False)
    return model


def preprocess(image_path):
    with Image.open(image_path) as file:
        image = file.convert("RGB").resize((32, 32), Image.Resampling.BILINEAR)
    pixels = np.asarray(image, dtype=np.float32) / 255  # (32, 32, 3)
    return torch.from_numpy(pixels.transpose(2, 0, 1)[None].copy())


def predict(model, image_path, classes, device="cpu"):
    model = model.to(device)
    model.eval()
    with torch.inference_mode():
        output = model(preprocess(image_path).to(device))
    probabilities = F.softmax(output, dim=-1).squeeze(0).cpu().numpy()
    best = int(probabilities.argmax())
    return classes[best], float(probabilities[best])
