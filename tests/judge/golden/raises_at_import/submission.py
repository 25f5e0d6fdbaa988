import torch

layer = torch.nn.Conv2d(3, 6)
