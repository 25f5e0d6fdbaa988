def conv_output_shape(input_shape, out_channels, kernel_size, stride=1, padding=0, dilation=1):
    return conv_output_shape(input_shape, out_channels, kernel_size, stride, padding, dilation)


def same_padding(kernel_size, dilation=1):
    whole, rest = divmod(dilation * (kernel_size - 1), 2)
    if rest:
        raise ValueError
    return whole
