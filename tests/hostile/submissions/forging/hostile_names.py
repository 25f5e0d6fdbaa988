"""Gives classes and functions names full of control codes, markup and workflow commands."""

NAME = "\x1b[31m\n::error::forged\n[link=file:///]x[/link]\ud800" * 50


def same_padding(*args, **kwargs):
    raise type("y", (Exception,), {"__qualname__": NAME, "__module__": "builtins"})(NAME)


class Meta(type):
    def __getattribute__(cls, name):
        if name == "__module__":
            raise SystemExit
        return 5 if name == "__qualname__" else super().__getattribute__(name)


def conv_output_shape(shape, *args, **kwargs):
    if shape[0] == 1:
        return type("x", (), {"__qualname__": NAME, "__module__": NAME})()
    return Meta("y", (), {})()
