"""`same_padding` tries out a few paddings and gives up: a large or dilated kernel needs more, `dilation * (kernel - 1) // 2`.

`same_padding` 只试了几个填充就放弃了：大的卷积核或带空洞的卷积核需要更多，即 `dilation * (kernel - 1) // 2`。
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
    for padding in range(8):
        if conv_output_shape((1, 1, 100, 100), 1, kernel_size, padding=padding, dilation=dilation)[2] == 100:
            return padding
    raise ValueError(f"kernel {kernel_size} with dilation {dilation} has no symmetric padding")


def pair(value):
    return value if isinstance(value, tuple) else (value, value)
