"""The spread divides by N instead of N - 1.

标准差除以了 N，而不是 N - 1。
"""

import torch


def standardise(x):
    spread = x.std(dim=0, unbiased=False)
    return torch.where(spread > 0, (x - x.mean(dim=0)) / spread, torch.zeros_like(x))
