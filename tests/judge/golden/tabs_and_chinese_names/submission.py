def 输出长度(长度, 核, 步幅, 填充, 空洞):
	return (长度 + 2 * 填充 - 空洞 * (核 - 1) - 1) // 步幅 + 1


def 取(值, 轴):
	return 值[轴] if isinstance(值, tuple) else 值


def conv_output_shape(input_shape, out_channels, kernel_size, stride=1, padding=0, dilation=1):
	n, _, *长 = input_shape
	return (n, out_channels) + tuple(
		输出长度(长[轴], 取(kernel_size, 轴), 取(stride, 轴), 取(padding, 轴), 取(dilation, 轴)) for 轴 in (0, 1)
	)


def same_padding(kernel_size, dilation=1):
	whole, rest = divmod(dilation * (kernel_size - 1), 2)
	if rest:
		raise ValueError
	return whole
