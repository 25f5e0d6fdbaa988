"""`same_padding` halves and rounds down without a look at the rest: where the number is odd, no symmetric padding keeps the size, and it has to raise `ValueError`.

`same_padding` 直接折半取整，没有看余数：余数为 1 时没有对称填充能保持尺寸，应抛出 `ValueError`。
"""


def conv_output_shape(input_shape, out_channels, kernel_size, stride=1, padding=0, dilation=1):
    n, _channels, *lengths = input_shape
    settings = zip(lengths, pair(kernel_size), pair(stride), pair(padding), pair(dilation))
    height, width = (
        (length + 2 * pad - spread * (kernel - 1) - 1) // step + 1
        for length, kernel, step, pad, spread in settings
    )
    return n, out_channels, height, width


def same_padding(kernel_size, dilation=1):
    both_sides = dilation * (kernel_size - 1)  # what the kernel takes away, and padding has to give back
    return both_sides // 2


def pair(value):
    return value if isinstance(value, tuple) else (value, value)
