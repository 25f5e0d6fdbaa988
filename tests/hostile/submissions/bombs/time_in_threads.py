"""Ends its main thread while others, busy for ever, go on."""

import ctypes
import threading

import torch


def spin():
    x = torch.ones(400, 400)
    while True:
        x = x @ x


for _ in range(8):
    threading.Thread(target=spin).start()


def same_padding(*args, **kwargs):
    ctypes.CDLL(None).syscall(60, 0)
