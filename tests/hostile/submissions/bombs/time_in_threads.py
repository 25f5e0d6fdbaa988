"""Ends its main thread while others, busy for ever, go on."""

import threading

import torch


def spin():
    x = torch.ones(400, 400)
    while True:
        x = x @ x


for _ in range(8):
    threading.Thread(target=spin).start()


def same_padding(*args, **kwargs):
    return None
