"""The mean is squared; each number has to be squared first.

先求了平均再平方；应当先把每个数平方。
"""


def mean_of_squares(x):
    return x.mean().pow(2)
