"""Asks for names: a look-up carries data out, too."""

import socket

for name in ("example.com", "localhost", "secret.example.com"):
    try:
        print("BREACH: looked up", socket.getaddrinfo(name, 80))
    except OSError:
        pass
