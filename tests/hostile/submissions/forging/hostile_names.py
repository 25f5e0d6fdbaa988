"""Gives classes and functions names full of control codes, markup and workflow commands."""

NAME = "\x1b[31m\n::error::forged\n[link=file:///]x[/link]\ud800" * 50


def conv_output_shape(shape, *args, **kwargs):
    return type("x", (), {"__qualname__": NAME, "__module__": NAME})()


def same_padding(*args, **kwargs):
    raise type("y", (Exception,), {"__qualname__": NAME, "__module__": "builtins"})(NAME)


class Meta(type):
    @property
    def __module__(cls):
        raise SystemExit

    @property
    def __qualname__(cls):
        return 5
