import torch
from PIL import Image
from torchvision import transforms


def load_model(checkpoint, model, device="cpu"):
    model.load_state_dict(torch.load(checkpoint, map_location=torch.device(device), weights_only=True))
    model = model.to(device)
    for module in model.modules():
        module.training = False
    return model


def preprocess(image_path):
    image = Image.open(image_path)
    if image.mode != "RGB":
        image = image.convert("RGB")
    image = transforms.functional.resize(image, [32, 32])
    return torch.reshape(transforms.functional.to_tensor(image), (1, 3, 32, 32))


def predict(model, image_path, classes, device="cpu"):
    model.to(device).eval()
    output = model.forward(preprocess(image_path).to(device)).detach()
    logs = torch.log_softmax(output, dim=1)
    best = torch.argmax(logs, dim=1).item()
    return classes[best], torch.exp(logs[0, best]).item()
