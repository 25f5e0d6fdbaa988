"""搬到 GPU 上。`learn show 07` 查看题目，`learn check 07` 检查本文件。"""

import torch


def pick_device(name=None):
    """名为 `name` 的 torch.device；没有给出 name 时，有 CUDA 就用 CUDA，否则用 CPU。"""
    # TODO: 选择设备
    raise NotImplementedError


def to_device(batch, device):
    """同样的批次，其中每个张量都在 `device` 上。

    batch：张量，或由张量组成的元组、列表、字典，可以任意嵌套；也可能含有其他值，它们保持不变。
    返回同类的新容器；`batch` 原来的容器不变。
    """
    # TODO: 移动张量，进入容器，其余的原样返回
    raise NotImplementedError


def train_step_on(device, model, images, targets, loss_fn, optimizer):
    """在 `device` 上，对一个批次做一步优化。

    model、loss_fn：nn.Module，之后就留在 `device` 上。loss_fn 可能带有类别权重。
    optimizer：管理着模型的参数；它是在模型移动之前创建的。
    返回更新之前这个批次的损失，类型是 Python float。
    """
    # TODO: 把所有东西都移到设备上，再做一步优化
    raise NotImplementedError
