"""The result of `load_state_dict` is taken for the model: it fills the model in place and returns a report of the keys.

把 `load_state_dict` 的返回值当成了模型：它就地填充模型，返回的只是关于键的报告。
"""

import torch
from PIL import Image
from torchvision import transforms

to_input = transforms.Compose([transforms.Resize((32, 32)), transforms.ToTensor()])


def load_model(checkpoint, model, device="cpu"):
    model = model.to(device).eval()
    model = model.load_state_dict(torch.load(checkpoint, map_location=device, weights_only=True))
    return model


def preprocess(image_path):
    image = Image.open(image_path).convert("RGB")
    return to_input(image).unsqueeze(0)  # (3, 32, 32) -> (1, 3, 32, 32)


@torch.no_grad()
def predict(model, image_path, classes, device="cpu"):
    model.to(device).eval()
    logits = model(preprocess(image_path).to(device))  # (1, number of classes)
    probability, index = logits.softmax(dim=1).max(dim=1)
    return classes[index.item()], probability.item()
