def conv_output_shape(input_shape):
    return input_shape


def same_padding(kernel_size, dilation=1):
    whole, rest = divmod(dilation * (kernel_size - 1), 2)
    if rest:
        raise ValueError
    return whole
