"""The training loop that study notes teach, as bare as they write it: what `learn run-solution training` is measured against.

    python tests/benchmarks/plain_loop.py CIFAR10 [--epochs N] [--in-memory]

CIFAR10 is a folder with `train/<class>/` and `test/<class>/`. ToTensor, batches of 64, SGD 0.01, no worker processes;
on a card if there is one. A line of JSON for each epoch.
"""

import argparse
import json
import time

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision.datasets import ImageFolder
from torchvision.transforms import ToTensor


class InMemory(Dataset):
    """Decoded pictures kept as PIL images, which is what `torchvision.datasets.CIFAR10` hands to its transform."""

    def __init__(self, folder):
        pictures = ImageFolder(folder)
        self.pictures = [(image.copy(), target) for image, target in pictures]
        self.transform = ToTensor()

    def __len__(self):
        return len(self.pictures)

    def __getitem__(self, index):
        image, target = self.pictures[index]
        return self.transform(image), target


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("folder")
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument(
    "--in-memory", action="store_true", help="decode the files once, as torchvision's CIFAR10 does"
)
arguments = parser.parse_args()

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
torch.manual_seed(0)
if arguments.in_memory:
    train_data, test_data = (InMemory(f"{arguments.folder}/{half}") for half in ("train", "test"))
else:
    train_data, test_data = (
        ImageFolder(f"{arguments.folder}/{half}", ToTensor()) for half in ("train", "test")
    )
train_loader = DataLoader(train_data, batch_size=64, shuffle=True)
test_loader = DataLoader(test_data, batch_size=64)

model = nn.Sequential(
    nn.Conv2d(3, 32, 5, padding=2),
    nn.MaxPool2d(2),
    nn.Conv2d(32, 32, 5, padding=2),
    nn.MaxPool2d(2),
    nn.Conv2d(32, 64, 5, padding=2),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(1024, 64),
    nn.Linear(64, 10),
).to(device)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

for epoch in range(1, arguments.epochs + 1):
    start = time.perf_counter()
    model.train()
    for images, targets in train_loader:
        images, targets = images.to(device), targets.to(device)
        loss = loss_fn(model(images), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()
    trained = time.perf_counter()
    model.eval()
    correct = 0
    with torch.no_grad():
        for images, targets in test_loader:
            images, targets = images.to(device), targets.to(device)
            correct += (model(images).argmax(1) == targets).sum().item()
    figures = {
        "epoch": epoch,
        "test_accuracy": round(correct / len(test_data), 4),
        "images_per_second": round(len(train_data) / (trained - start)),
    }
    print(json.dumps(figures), flush=True)
