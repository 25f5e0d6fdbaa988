"""It is divided by the variance, without the square root.

除以的是方差，没有开平方。
"""

import torch


def standardise(x):
    spread = x.var(dim=0)
    return torch.where(spread > 0, (x - x.mean(dim=0)) / spread, torch.zeros_like(x))
