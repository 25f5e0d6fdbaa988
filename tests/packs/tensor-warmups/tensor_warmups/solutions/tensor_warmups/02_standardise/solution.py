import torch


def standardise(x):
    centred = x - x.mean(dim=0)  # (N, D) - (D,)
    spread = x.std(dim=0)
    return torch.where(spread > 0, centred / spread, torch.zeros_like(x))
