"""The values are normalised: they are to be in 0..1, as `ToTensor` gives them.

做了归一化：值应当就是 `ToTensor` 给出的 0..1。
"""

import torch
from PIL import Image
from torchvision import transforms

to_input = transforms.Compose(
    [transforms.Resize((32, 32)), transforms.ToTensor(), transforms.Normalize((0.5,) * 3, (0.5,) * 3)]
)


def load_model(checkpoint, model, device="cpu"):
    weights = torch.load(checkpoint, map_location=device, weights_only=True)
    model.load_state_dict(weights)  # fills the model; what it returns is a report
    return model.to(device).eval()


def preprocess(image_path):
    image = Image.open(image_path).convert("RGB")
    return to_input(image).unsqueeze(0)  # (3, 32, 32) -> (1, 3, 32, 32)


@torch.no_grad()
def predict(model, image_path, classes, device="cpu"):
    model.to(device).eval()
    logits = model(preprocess(image_path).to(device))  # (1, number of classes)
    probability, index = logits.softmax(dim=1).max(dim=1)
    return classes[index.item()], probability.item()
