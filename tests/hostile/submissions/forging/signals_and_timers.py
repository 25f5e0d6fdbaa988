"""Ignores every signal, sets timers, traces and profiles itself."""

import os
import signal
import sys

for number in range(1, signal.NSIG):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
sys.settrace(lambda *_: None)
sys.setprofile(lambda *_: None)
sys.setrecursionlimit(2**31 - 1)


def conv_output_shape(shape, *args, **kwargs):
    def deeper():
        deeper()

    deeper()


def same_padding(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGSTOP)
