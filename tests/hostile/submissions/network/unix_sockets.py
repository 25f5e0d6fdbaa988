"""Reaches Unix sockets by path and by abstract name, streams and datagrams, and passes descriptors."""

import array
import contextlib
import socket

for address in ("@SOCKET@", "\0@ABSTRACT@", "/run/docker.sock", "/run/dbus/system_bus_socket"):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, kind) as one:
            one.connect(address)
            one.send(b"hello")
            print("BREACH: connected to", address)
for kind in (socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
    with contextlib.suppress(OSError):
        one, _other = socket.socketpair(socket.AF_UNIX, kind)
        print("BREACH: a pair that can be sent from")
        one.sendto(b"hello", "@SOCKET@")
with contextlib.suppress(OSError):
    one, other = socket.socketpair()
    one.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))])
    print("BREACH: sent a descriptor")
with contextlib.suppress(OSError):
    one, other = socket.socketpair()
    other.close()
    one.connect("@SOCKET@")
    print("BREACH: connected an old pair")
