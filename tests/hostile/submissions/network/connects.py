"""Opens connections over TCP, UDP, IPv6 and multipath TCP."""

import contextlib
import socket

for family, address in (
    (socket.AF_INET, ("127.0.0.1", int("@PORT@"))),
    (socket.AF_INET6, ("::1", int("@PORT@"))),
):
    for kind, protocol in ((socket.SOCK_STREAM, 0), (socket.SOCK_DGRAM, 0), (socket.SOCK_STREAM, 262)):
        with contextlib.suppress(OSError), socket.socket(family, kind, protocol) as one:
            print("BREACH: a socket", family, kind, protocol)
            one.connect(address)
            one.send(b"hello")
            print("BREACH: connected")
with contextlib.suppress(OSError):
    socket.create_connection(("127.0.0.1", int("@PORT@")), timeout=1)
    print("BREACH: connected")
