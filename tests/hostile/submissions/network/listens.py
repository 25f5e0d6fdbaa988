"""Listens for others: a server would outlive the check."""

import contextlib
import socket
import socketserver

with contextlib.suppress(OSError):
    socket.create_server(("127.0.0.1", 0))
    print("BREACH: listens")
with contextlib.suppress(OSError):
    socketserver.TCPServer(("0.0.0.0", 0), None)
    print("BREACH: serves")
