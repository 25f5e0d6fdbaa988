"""The picture is resized by taking single pixels: without smoothing, fine detail turns into noise; keep the bilinear way that is the default of `Resize`.

缩放时只取了个别像素：不做平滑，细节就成了噪点；用 `Resize` 默认的双线性插值即可。
"""

import torch
from PIL import Image
from torchvision import transforms

to_input = transforms.Compose(
    [transforms.Resize((32, 32), transforms.InterpolationMode.NEAREST), transforms.ToTensor()]
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
