"""Raises exceptions that would mean something in the judge: skips, exits, and classes named like them."""


class Skipped(BaseException):
    pass


Skipped.__module__ = "_pytest.outcomes"
Exit = type("Exit", (BaseException,), {"__module__": "_pytest.outcomes"})
Passed = type("Mismatch", (AssertionError,), {"__module__": "learn_torch.testing.assertions"})


def conv_output_shape(shape, *args, **kwargs):
    raise Skipped("skipped") if shape[0] == 1 else KeyboardInterrupt


def same_padding(kernel_size, dilation=1):
    if dilation == 1:
        raise Exit("exit")
    import pytest

    pytest.skip("no")
