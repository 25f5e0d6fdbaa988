"""The squares are summed up, but not divided by how many there are.

平方求了和，却没有除以个数。
"""


def mean_of_squares(x):
    return x.pow(2).sum()
