"""`same_padding` returns a float: `/` always gives one, and a padding is a whole number, `//`.

`same_padding` 返回了浮点数：`/` 的结果总是浮点数，而填充是整数，要用 `//`。
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
    if both_sides % 2:
        raise ValueError(f"kernel {kernel_size} with dilation {dilation} has no symmetric padding")
    return both_sides / 2


def pair(value):
    return value if isinstance(value, tuple) else (value, value)
