"""Uses the descriptors that it has as sockets: connects, binds, listens, sends elsewhere, sets options."""

import contextlib
import socket

for descriptor in range(64):
    with contextlib.suppress(OSError):
        one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, fileno=descriptor)
        for attempt in (
            lambda: one.connect("@SOCKET@"),
            lambda: one.bind("bound"),
            lambda: one.listen(),
            lambda: one.accept(),
            lambda: one.sendto(b"x", "@SOCKET@"),
            lambda: one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**30),
            lambda: one.getsockname(),
            lambda: one.getpeername(),
        ):
            with contextlib.suppress(OSError):
                attempt()
                print("BREACH: the channel is a socket")
        one.detach()
