"""Becomes another program: the interpreter, a shell, a program in memory, one that it wrote itself."""

import contextlib
import ctypes
import os
import sys

CODE = "open('@OUTSIDE@/executed', 'w').write('BREACH')"
with contextlib.suppress(OSError), open("program", "w") as file:
    file.write(f"#!{sys.executable}\n{CODE}\n")
    os.chmod("program", 0o755)
libc = ctypes.CDLL(None, use_errno=True)
for path in ("program", sys.executable, "/bin/sh", "/usr/bin/env", "/lib64/ld-linux-x86-64.so.2"):
    with contextlib.suppress(OSError):
        os.execv(path, [path, "-c", CODE])
with contextlib.suppress(OSError, AttributeError):
    descriptor = os.memfd_create("program")
    print("BREACH: a file in memory")
    os.write(descriptor, f"#!{sys.executable}\n{CODE}\n".encode())
    os.execve(descriptor, ["x"], {})
libc.syscall(322, 3, b"", None, None, 0x1000)
