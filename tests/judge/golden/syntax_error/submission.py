def conv_output_shape(input_shape, out_channels, kernel_size, stride=1, padding=0, dilation=1):
    if stride = 1:
        return input_shape
