import torch
from PIL import Image
from torchvision.transforms import v2

to_input = v2.Compose(
    [
        v2.Lambda(lambda image: image.convert("RGB")),
        v2.ToImage(),
        v2.Resize(size=(32, 32), antialias=True),
        v2.ToDtype(torch.float32, scale=True),
    ]
)


def load_model(checkpoint, model, device="cpu"):
    weights = torch.load(str(checkpoint), map_location=lambda storage, location: storage, weights_only=True)
    model.load_state_dict(weights, strict=True)
    model.eval()
    model.to(device)
    return model


def preprocess(image_path):
    return torch.stack([to_input(Image.open(image_path))])


def predict(model, image_path, classes, device="cpu"):
    model.to(device)
    model.eval()
    with torch.no_grad():
        output = model(preprocess(image_path).to(device))
    ranked = sorted(zip(torch.softmax(output, 1)[0].tolist(), classes), reverse=True)
    probability, name = ranked[0]
    return name, probability
