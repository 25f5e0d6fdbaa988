"""All columns share one mean and one spread: each has its own, `dim=0`.

所有列共用了一个平均值和标准差：每列应有自己的，用 `dim=0`。
"""

import torch


def standardise(x):
    spread = x.std()
    return (x - x.mean()) / spread if spread > 0 else torch.zeros_like(x)
