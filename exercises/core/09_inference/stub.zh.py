"""推理。`learn show 09` 查看题目，`learn check 09` 检查本文件。"""

import torch
from PIL import Image
from torchvision import transforms


def load_model(checkpoint, model, device="cpu"):
    """把保存的 state_dict 加载到 `model` 里。

    checkpoint：文件路径，str 或 Path。可能是在任何设备上保存的；不可信任。
    返回传入的模型：在 `device` 上，处于评估模式。
    """
    # TODO: 读取文件，加载权重，让模型准备好推理
    raise NotImplementedError


def preprocess(image_path):
    """把图片变成只有一个样本的批次：float32 (1, 3, 32, 32)，RGB，取值 0..1。

    image_path：str 或 Path；图片可能是灰度图、调色板图或 RGBA 图，大小任意。
    """
    # TODO: 打开、转换、缩放、转成张量
    raise NotImplementedError


def predict(model, image_path, classes, device="cpu"):
    """图片最可能的类别。

    model：给出 logits，每个类别一个。classes：类别名，顺序与模型一致。
    返回 (类别名, 概率)：`classes` 中的一个 str 和一个 Python float。
    """
    # TODO: 在评估模式下于 `device` 上计算，把 logits 变成概率，取最大的
    raise NotImplementedError
