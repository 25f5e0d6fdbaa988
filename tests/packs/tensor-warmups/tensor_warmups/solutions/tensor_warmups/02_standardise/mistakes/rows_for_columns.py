"""Rows are standardised instead of columns: `dim=0` goes over the samples.

标准化的是行而不是列：`dim=0` 才是沿样本的方向。
"""


def standardise(x):
    spread = x.std(dim=1, keepdim=True).clamp(min=1e-12)
    return (x - x.mean(dim=1, keepdim=True)) / spread
