"""Kills itself by a signal, by abort and by a bad pointer, a core dump wanted."""

import ctypes
import os
import signal


def conv_output_shape(shape, *args, **kwargs):
    os.abort() if shape[0] > 1 else os.kill(os.getpid(), signal.SIGSEGV)


def same_padding(*args, **kwargs):
    ctypes.string_at(1)
