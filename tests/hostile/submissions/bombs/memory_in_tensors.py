"""Takes memory through torch, in threads."""

import threading

import torch

held = []


def take():
    while True:
        held.append(torch.ones(16 * 2**20))


threads = [threading.Thread(target=take) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
