"""The result is always float32: with float64 half of its digits are lost.

结果总是 float32：输入是 float64 时会丢掉一半的位数。
"""

import torch


def standardise(x):
    x = x.float()
    spread = x.std(dim=0)
    return torch.where(spread > 0, (x - x.mean(dim=0)) / spread, torch.zeros_like(x))
