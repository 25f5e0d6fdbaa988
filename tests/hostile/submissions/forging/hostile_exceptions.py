"""Raises exceptions whose texts are huge, hang, raise, hold control codes, markup and lone surrogates."""

TEXT = "\x1b[2J\x1b]0;owned\x07[bold red]passed[/]<script>alert(1)</script>\ud800\u202e\r::error::x\n::warning::y\n##[debug]z"


class Hostile(Exception):
    def __str__(self):
        raise SystemExit(0)

    __repr__ = __str__


class Endless(Exception):
    def __str__(self):
        while True:
            pass


def conv_output_shape(shape, *args, **kwargs):
    raise Hostile if shape[0] == 1 else type(TEXT[:50].replace("\0", ""), (ValueError,), {})(TEXT * 100_000)


def same_padding(kernel_size, dilation=1):
    if dilation == 1:
        raise ValueError(TEXT)
    raise Endless
