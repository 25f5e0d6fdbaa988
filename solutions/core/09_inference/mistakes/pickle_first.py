"""`pickle.load` looks into the file first, and that executes whatever is pickled there, even if the exception is caught: let only `torch.load(..., weights_only=True)` read it.

先用 `pickle.load` 打开了文件，而它会执行里面 pickle 的任何代码，捕获异常也没有用：只能用 `torch.load(..., weights_only=True)` 来读。
"""

import pickle

import torch
from PIL import Image
from torchvision import transforms

to_input = transforms.Compose([transforms.Resize((32, 32)), transforms.ToTensor()])


def load_model(checkpoint, model, device="cpu"):
    try:
        with open(checkpoint, "rb") as file:
            weights = pickle.load(file)["state_dict"]
    except Exception:  # not a plain dict
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
