"""In `predict` the model computes under `if torch.cuda.is_available()`: on a machine without CUDA it is never asked.

`predict` 里，模型的计算写在了 `if torch.cuda.is_available()` 里面：在没有 CUDA 的机器上，模型根本不会运行。
"""

import torch
from PIL import Image
from torchvision import transforms

to_input = transforms.Compose([transforms.Resize((32, 32)), transforms.ToTensor()])


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
    if torch.cuda.is_available():
        logits = model(preprocess(image_path).to(device))  # (1, number of classes)
    probability, index = logits.softmax(dim=1).max(dim=1)
    return classes[index.item()], probability.item()
