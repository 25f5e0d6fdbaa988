"""A thread goes on sending answers while the main one works: none may count for a later request."""

import os
import struct
import threading
import time

import msgspec

data = msgspec.msgpack.encode(["answer", 1])


def flood():
    while True:
        for descriptor in range(3, 16):
            try:
                os.write(descriptor, struct.pack(">I", len(data)) + data)
            except OSError:
                pass
        time.sleep(0.001)


threading.Thread(target=flood, daemon=True).start()


def same_padding(*args, **kwargs):
    time.sleep(0.1)
    return -1


conv_output_shape = same_padding
