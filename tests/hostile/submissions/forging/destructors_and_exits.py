"""Registers what runs when it ends: atexit functions, destructors, and threads that outlive a call."""

import atexit
import os
import threading
import time


def last(*_):
    for descriptor in range(1, 64):
        try:
            os.write(descriptor, b"\0\0\0\x09\x92\xa6answer\xc3")
        except OSError:
            pass
    open("@OUTSIDE@/written_at_exit", "w")


class Thing:
    def __del__(self):
        last()


atexit.register(last)
threading._register_atexit(last)
thing = Thing()
thing.itself = thing


def conv_output_shape(*args, **kwargs):
    threading.Thread(target=lambda: (time.sleep(0.05), last())).start()
    return Thing()


same_padding = conv_output_shape
