"""Sends messages that are nested a hundred thousand deep, and wide with a million small parts."""

import os
import struct


def send(data):
    for descriptor in range(3, 64):
        try:
            view = memoryview(struct.pack(">I", len(data)) + data)
            while view:
                view = view[os.write(descriptor, view) :]
        except OSError:
            pass
    os._exit(0)


def conv_output_shape(shape, *args, **kwargs):
    deep = b"\x92\xa4list\x91" * 100_000 + b"\xc0"
    wide = b"\x92\xa4list\xdd" + struct.pack(">I", 8_000_000) + b"\x92\xa4list\x90" * 8_000_000
    send(b"\x92\xa6answer" + (deep if shape[0] == 1 else wide))


def same_padding(kernel_size, dilation=1):
    if dilation == 1:
        send(b"\x92\xa6answer" + b"\x91" * 30_000_000)
    send(b"\xdd\xff\xff\xff\xff")
