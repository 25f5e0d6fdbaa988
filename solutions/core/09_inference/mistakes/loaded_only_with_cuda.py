"""The weights reach the model under `if torch.cuda.is_available()`: on a machine without CUDA it stays random.

权重只在 `if torch.cuda.is_available()` 成立时才装进模型：在没有 CUDA 的机器上，模型里仍是随机的权重。
"""

import torch
from PIL import Image
from torchvision import transforms

to_input = transforms.Compose([transforms.Resize((32, 32)), transforms.ToTensor()])


def load_model(checkpoint, model, device="cpu"):
    weights = torch.load(checkpoint, map_location=device, weights_only=True)
    if torch.cuda.is_available():
        model.load_state_dict(weights)
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
