"""池化。`learn show 04` 查看题目，`learn check 04` 检查本文件。"""

import torch


def pooled_size(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    """沿一个轴能放下多少个窗口。

    size：输入的长度。kernel_size：窗口的长度。所有长度都是 int。
    stride：相邻窗口起点的距离；None 表示等于 kernel_size。padding：输入两边各填充多少。
    ceil_mode：末尾没填满的窗口算不算。
    返回 int。
    """
    # TODO: 数出窗口的个数
    raise NotImplementedError


def max_pool(x, kernel_size, stride=None, ceil_mode=False):
    """每个窗口里的最大值。

    x：float32 或 float64，形状 (N, C, H, W)。kernel_size、stride：int，高和宽相同。
    返回张量 (N, C, 池化后的 H, 池化后的 W)，dtype 与 x 相同。
    """
    # TODO: 求每个窗口里的最大值
    raise NotImplementedError
