"""Absolute values are no squares.

绝对值不是平方。
"""


def mean_of_squares(x):
    return x.abs().mean()
