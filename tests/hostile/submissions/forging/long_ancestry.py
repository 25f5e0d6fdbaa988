"""Raises an exception with nine hundred base classes, all of long names."""

kind = ValueError
for number in range(900):
    kind = type(f"Error{number}" + "x" * 10_000, (kind,), {})


def conv_output_shape(*args, **kwargs):
    raise kind("x" * 10_000_000)


same_padding = conv_output_shape
