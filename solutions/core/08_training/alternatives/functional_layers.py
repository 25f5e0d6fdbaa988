"""Layers as attributes, pooling as a function, and `zero_grad` after the step, as in many tutorials."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class Cifar10Net(nn.Module):
    def __init__(self):
        super(Cifar10Net, self).__init__()
        self.conv1 = nn.Conv2d(3, 32, 5, 1, 2)
        self.conv2 = nn.Conv2d(32, 32, 5, 1, 2)
        self.conv3 = nn.Conv2d(32, 64, 5, 1, 2)
        self.fc1 = nn.Linear(64 * 4 * 4, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = F.max_pool2d(self.conv1(x), 2)
        x = F.max_pool2d(self.conv2(x), 2)
        x = F.max_pool2d(self.conv3(x), 2)
        x = x.view(x.size(0), -1)
        return self.fc2(self.fc1(x))


def train_one_epoch(model, dataloader, criterion, optim, device):
    model.train()
    running_loss = 0.0
    for i, data in enumerate(dataloader):
        imgs, labels = data
        imgs = imgs.to(device)
        labels = labels.to(device)

        outputs = model(imgs)
        loss = criterion(outputs, labels)
        loss.backward()
        optim.step()
        optim.zero_grad()

        running_loss += loss.item() * imgs.size(0)
        if i % 100 == 0:
            print(f"batch {i}, loss: {loss.item():.4f}")
    return running_loss / len(dataloader.dataset)


def evaluate(model, dataloader, criterion, device):
    model.eval()
    total_loss = 0.0
    total_correct = 0
    with torch.no_grad():
        for imgs, labels in dataloader:
            imgs = imgs.to(device)
            labels = labels.to(device)
            outputs = model(imgs)
            total_loss += criterion(outputs, labels).item() * imgs.size(0)
            _, predicted = torch.max(outputs, 1)
            total_correct += predicted.eq(labels).sum().item()
    size = len(dataloader.dataset)
    return total_loss / size, total_correct / size


def fit(model, train_loader, test_loader, *, epochs, lr, device, writer=None):
    model = model.to(device)
    criterion = nn.CrossEntropyLoss().to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    history = []
    for epoch in range(epochs):
        train_loss = train_one_epoch(model, train_loader, criterion, optimizer, device)
        test_loss, test_accuracy = evaluate(model, test_loader, criterion, device)
        if writer:
            writer.add_scalar("train_loss", train_loss, epoch + 1)
            writer.add_scalar("test_loss", test_loss, epoch + 1)
            writer.add_scalar("test_accuracy", test_accuracy, epoch + 1)
            writer.add_scalar("lr", lr, epoch + 1)
            writer.flush()
        history.append(
            {
                "epoch": epoch + 1,
                "train_loss": train_loss,
                "test_loss": test_loss,
                "test_accuracy": test_accuracy,
                "lr": lr,
            }
        )
    return history


if __name__ == "__main__":
    print(Cifar10Net())
