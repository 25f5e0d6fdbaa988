"""Reaches for the network, Unix sockets, files and shared memory outside, from a child and from a new program."""
import subprocess
import sys

CODE = """
import contextlib, os, socket
with contextlib.suppress(OSError):
    socket.create_connection(("127.0.0.1", int("@PORT@")), timeout=2)
    print("BREACH: connected")
with contextlib.suppress(OSError):
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.sendto(b"hello", ("127.0.0.1", int("@PORT@")))
for address in ("@SOCKET@", "\\0@ABSTRACT@"):
    with contextlib.suppress(OSError, ValueError):
        socket.socket(socket.AF_UNIX).connect(address)
        print("BREACH: connected to", repr(address))
for path in ("@OUTSIDE@/secret.txt", "/etc/passwd", "@COURSE@/solutions/core/03_conv_output_shape/solution.py"):
    with contextlib.suppress(OSError):
        print("BREACH: read", open(path).read(20))
for path in ("@OUTSIDE@/new", "/tmp/left_behind", "../left_behind"):
    with contextlib.suppress(OSError):
        open(path, "w")
        print("BREACH: wrote", path)
open("/dev/shm/left_behind", "w").write("mine alone")
for path in ("/bin/sh", "/usr/bin/env", "/usr/bin/id"):
    with contextlib.suppress(OSError):
        os.posix_spawn(path, [path], {})
        print("BREACH: started", path)
"""
exec(CODE)
done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
print(done.stdout, done.stderr)
