import torch
from torch import nn


def pooled_size(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    pool = nn.MaxPool1d(kernel_size, stride, padding, ceil_mode=ceil_mode)
    return pool(torch.zeros(1, 1, size)).shape[-1]


def max_pool(x, kernel_size, stride=None, ceil_mode=False):
    return nn.MaxPool2d(kernel_size, stride=stride, ceil_mode=ceil_mode)(x)
