"""卷积输出尺寸。`learn show 03` 查看题目，`learn check 03` 检查本文件。"""

import torch


def conv_output_shape(input_shape, out_channels, kernel_size, stride=1, padding=0, dilation=1):
    """输入形状为 (N, C, H, W) 时，nn.Conv2d 的输出形状。

    kernel_size、stride、padding、dilation：一个 int（高、宽相同），或者元组 (高, 宽)。
    返回四个 int 组成的元组：(N, out_channels, 高, 宽)。
    """
    # TODO: 算出高和宽
    raise NotImplementedError


def same_padding(kernel_size, dilation=1):
    """步幅为 1 时让高和宽保持不变的填充（int）。不存在时抛出 ValueError。"""
    # TODO: 由输出尺寸的公式解出填充
    raise NotImplementedError
