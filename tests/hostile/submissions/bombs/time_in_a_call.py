"""Never ends in a call: asleep, busy in Python, or busy in C with the interpreter's lock held."""

import time


def conv_output_shape(shape, *args, **kwargs):
    if shape[0] == 1:
        time.sleep(1e6)
    return 7 ** (7**12)


def same_padding(kernel_size, dilation=1):
    import re

    return re.match(r"(a+)+$", "a" * 60 + "b")
