"""The channels stand last, as Pillow and NumPy have them: PyTorch wants them before height and width, `permute(2, 0, 1)`.

通道放在了最后，这是 Pillow 和 NumPy 的排法：PyTorch 要求通道在高和宽之前：`permute(2, 0, 1)`。
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
    return to_input(image).permute(1, 2, 0).unsqueeze(0)


@torch.no_grad()
def predict(model, image_path, classes, device="cpu"):
    model.to(device).eval()
    logits = model(preprocess(image_path).permute(0, 3, 1, 2).to(device))  # (1, number of classes)
    probability, index = logits.softmax(dim=1).max(dim=1)
    return classes[index.item()], probability.item()
