"""Answers with as much as a message may hold, again and again."""


def conv_output_shape(shape, *args, **kwargs):
    return "x" * (60 * 2**20) if shape[0] == 1 else [b"x" * 2**25, b"y" * 2**24]


def same_padding(*args, **kwargs):
    print("y" * 2**25)
    return bytes(60 * 2**20)
