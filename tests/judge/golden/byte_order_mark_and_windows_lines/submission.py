"""The formula of the documentation, with math.floor and one axis at a time."""

import math


def conv_output_shape(input_shape, out_channels, kernel_size, stride=1, padding=0, dilation=1):
    def get(value, axis):
        if isinstance(value, int):
            return value
        return value[axis]

    batch, _, h_in, w_in = input_shape
    result = [batch, out_channels]
    for axis, size in enumerate([h_in, w_in]):
        numerator = size + 2 * get(padding, axis) - get(dilation, axis) * (get(kernel_size, axis) - 1) - 1
        result.append(int(math.floor(numerator / get(stride, axis) + 1)))
    return tuple(result)


def same_padding(kernel_size, dilation=1):
    padding, rest = divmod(dilation * (kernel_size - 1), 2)
    if rest != 0:
        raise ValueError
    return padding

print("imported")

if __name__ == "__main__":
    print(conv_output_shape((1, 3, 8, 8), 2, 3))
