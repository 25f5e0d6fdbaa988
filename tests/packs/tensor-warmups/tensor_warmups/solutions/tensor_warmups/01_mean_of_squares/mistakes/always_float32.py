"""The result is always float32: with float64 half of its digits are lost.

结果总是 float32：输入是 float64 时会丢掉一半的位数。
"""


def mean_of_squares(x):
    return x.float().pow(2).mean()
