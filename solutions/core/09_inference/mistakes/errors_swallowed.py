"""An exception while loading is caught and forgotten, and the model comes back with its random weights: let the exception through.

加载时的异常被捕获后就不管了，返回的模型里还是随机的权重：要让异常抛出去。
"""

import torch
from PIL import Image
from torchvision import transforms

to_input = transforms.Compose([transforms.Resize((32, 32)), transforms.ToTensor()])


def load_model(checkpoint, model, device="cpu"):
    try:
        model.load_state_dict(torch.load(checkpoint, map_location=device, weights_only=True))
    except Exception as error:
        print("could not be loaded:", error)
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
