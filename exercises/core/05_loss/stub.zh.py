"""损失函数。`learn show 05` 查看题目，`learn check 05` 检查本文件。"""

import torch


def l1_loss(prediction, target, reduction="mean"):
    """两个形状相同的张量之差的绝对值。

    reduction："mean"（对所有元素取平均）、"sum" 或 "none"（每个元素各一个损失）。其他取值：ValueError。
    返回张量，自动求导可以由它反向传播到 `prediction`。
    """
    # TODO: 先求差，再归约；int64 张量也要能用
    raise NotImplementedError


def mse_loss(prediction, target, reduction="mean"):
    """与 l1_loss 相同，只是取差的平方。"""
    # TODO: 先求差，再归约
    raise NotImplementedError


def cross_entropy(logits, target):
    """-log softmax(logits)[target] 在整个批次上的平均值。

    logits：浮点张量，(N, C)。target：int64，(N,)，取值 0 到 C - 1。
    返回标量张量；logits 为 ±1000 时，结果也必须是有限值。
    """
    # TODO: 不会溢出的 log-softmax，取每个样本所属类别的那一项，再求平均
    raise NotImplementedError
