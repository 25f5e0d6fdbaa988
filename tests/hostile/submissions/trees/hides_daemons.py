"""Leaves daemons behind: own sessions, all signals ignored, forked twice, the channel still open, a listener of its own."""
import os
import signal
import socket
import time


def hide():
    os.setsid()
    for number in range(1, signal.NSIG):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    if os.fork():
        os._exit(0)
    server = socket.create_server(("127.0.0.1", 0))
    time.sleep(3)
    open("@OUTSIDE@/daemon", "w").close()
    server.accept()
    os._exit(0)


for _ in range(5):
    if os.fork() == 0:
        hide()


def same_padding(*args, **kwargs):
    os._exit(0)
