"""A column that never changes is divided by zero, which gives NaN.

不变的列除以了零，得到 NaN。
"""


def standardise(x):
    return (x - x.mean(dim=0)) / x.std(dim=0)
