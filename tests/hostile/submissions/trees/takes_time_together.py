"""Processes that each use little processor time, one after the other, for ever."""
import os
import time


def conv_output_shape(*args, **kwargs):
    while True:
        if os.fork() == 0:
            end = time.time() + 0.2
            while time.time() < end:
                pass
            os._exit(0)
        os.wait()
