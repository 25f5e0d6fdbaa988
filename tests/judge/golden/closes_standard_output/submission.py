import sys

sys.stdout.close()
sys.stdout = None


def same_padding(kernel_size, dilation=1):
    whole, rest = divmod(dilation * (kernel_size - 1), 2)
    if rest:
        raise ValueError
    return whole
