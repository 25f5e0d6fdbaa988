"""Sends tensors, arrays and pictures whose bytes are not what their metadata says, the next one with every answer."""

import os
import struct

import msgspec

MESSAGES = [
    ["tensor", "float32", [2**39, 2**39, 2**39], b"", "cpu", False, False],
    ["tensor", "float32", [-1], b"1234", "cpu", False, False],
    ["tensor", "float32", [1] * 40, b"1234", "cpu", False, False],
    ["tensor", "float32", [2**62, 0, 2**62], b"", "x" * 50, False, False],
    ["array", "O", [1], b"12345678", False],
    ["array", "V99999999", [1], b"12345678", False],
    ["image", "RGB", [2**19, 2**19], b"123", None],
    ["image", "P", [1, 1], b"1", b"x" * 5_000_000],
    ["size", [2**63 - 1] * 1000],
    ["device", "cuda:99999999999"],
    ["dtype", "__reduce__"],
    ["int", b"\xff" * 1_000_000],
    ["held", 10**9, "builtins.tuple"],
    ["held", -1, "x" * 10_000],
    ["path", "/etc/passwd\0"],
    ["range", 0, 2**62, 0],
]


def on_every_descriptor(what):
    for descriptor in range(3, 64):
        try:
            return what(descriptor)
        except OSError:
            pass


def send(*args, dilation=None, **kwargs):
    # It takes the channel over, and answers everything, beginning with the message that `dilation` says.
    request = True
    while request:
        with open("turn", "a+b") as file:
            turn = file.tell() + (dilation if isinstance(dilation, int) else 0)
            file.write(b".")
        print("sends message", turn % len(MESSAGES), flush=True)
        data = msgspec.msgpack.encode(["answer", MESSAGES[turn % len(MESSAGES)]])
        on_every_descriptor(lambda one: os.write(one, struct.pack(">I", len(data)) + data))
        request = on_every_descriptor(lambda one: os.read(one, 2**16))
    os._exit(0)


conv_output_shape = same_padding = send
