"""Opens sockets of every family, type and protocol that it can think of."""

import contextlib
import socket

for family in range(46):
    for kind in (1, 2, 3, 5, 10):
        for protocol in (0, 1, 3, 17, 255, 262):
            with contextlib.suppress(OSError):
                socket.socket(family, kind, protocol).close()
                print("BREACH: family", family, kind, protocol)
