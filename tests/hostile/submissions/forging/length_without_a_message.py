"""Promises messages of 4 GiB and of 64 MiB and sends nothing: nothing may be allocated on a promise."""

import os
import struct
import time


def promise(size):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, struct.pack(">I", size))
        except OSError:
            pass
    time.sleep(60)


def conv_output_shape(*args, **kwargs):
    promise(2**32 - 1)


def same_padding(*args, **kwargs):
    promise(64 * 2**20)
