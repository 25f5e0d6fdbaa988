"""优化器的一步。`learn show 06` 查看题目，`learn check 06` 检查本文件。"""

import torch


def train_step(model, images, targets, loss_fn, optimizer):
    """在一个批次上做一步优化。

    images：模型的输入。targets：`loss_fn(output, target)` 拿来与模型输出比较的目标。
    optimizer：管理着模型的参数；参数里可能还留有之前批次的梯度。
    返回更新之前这个批次的损失，类型是 Python float。
    """
    # TODO: 损失、梯度、更新
    raise NotImplementedError


def sgd_update(parameters, lr):
    """不用 torch.optim，手写普通的 SGD：p 变成 p - lr * p.grad。

    parameters：若干 nn.Parameter，可能是生成器，比如 model.parameters()。原地修改。
    lr：学习率，float。
    """
    # TODO: 更新每个有梯度的参数，且不让 autograd 记录这次更新
    raise NotImplementedError
