"""训练。`learn show 08` 查看题目，`learn check 08` 检查本文件。"""

import torch
from torch import nn


class Cifar10Net(nn.Module):
    """“CIFAR-10 quick”网络：输入浮点图片 (N, 3, 32, 32)，输出 logits (N, 10)；共 145,578 个参数。"""

    def __init__(self):
        super().__init__()
        # TODO: 三个卷积层，每层之后接一个池化层，最后是两个线性层
        raise NotImplementedError

    def forward(self, images):
        """图片 (N, 3, 32, 32) 的 logits (N, 10)。"""
        # TODO: 依次经过各层，中间什么也不加
        raise NotImplementedError


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    """在训练模式下把 loader 走一遍，每个批次做一步优化。

    model：已经在 `device` 上。loader：给出 CPU 上的批次 (images, targets)，最后一个可能小一些。
    loss_fn：给出一个批次的平均损失。optimizer：管理着模型的参数。
    返回训练过程中每个样本的平均损失，类型是 Python float。
    """
    # TODO: 模式、批次、优化、平均
    raise NotImplementedError


def evaluate(model, loader, loss_fn, device):
    """在评估模式下评估模型，不计算梯度。

    model：已经在 `device` 上。loader、loss_fn：与 train_one_epoch 相同；targets 是类别编号。
    返回 (每个样本的平均损失, 准确率)，两个 Python float；准确率在 0..1 之间。
    """
    # TODO: 模式、批次、两个平均值
    raise NotImplementedError


def fit(model, train_loader, test_loader, *, epochs, lr, device, writer=None):
    """在 `device` 上用交叉熵和普通的 SGD 训练模型，每个 epoch 之后评估一次。

    writer：SummaryWriter 或 None；每个 epoch 的三个数值也写给它，不要关闭它。
    返回列表，每个 epoch 一个字典："epoch"（从 1 开始）、"train_loss"、"test_loss"、"test_accuracy"。
    """
    # TODO: 移动模型、循环、记录
    raise NotImplementedError
