"""Answers with containers nested a thousand deep, that hold themselves, and with two million items."""


def conv_output_shape(shape, *args, **kwargs):
    value = ()
    for _ in range(1000):
        value = (value,)
    itself = []
    itself.append(itself)
    return value if shape[0] == 1 else itself


def same_padding(kernel_size, dilation=1):
    return list(range(2_000_000)) if dilation == 1 else ["x" * 40_000_000]
