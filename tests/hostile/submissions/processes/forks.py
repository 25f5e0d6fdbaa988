"""Starts processes in every way that Python and the C library have."""

import contextlib
import ctypes
import multiprocessing
import os
import pty
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)
MARK = ["-c", "import time; time.sleep(600)"]


def fork():
    if os.fork() == 0:
        import time

        time.sleep(600)
    print("BREACH: forked")


ATTEMPTS = [
    fork,
    lambda: print("BREACH", pty.fork()),
    lambda: print("BREACH", subprocess.Popen([sys.executable, *MARK])),
    lambda: print("BREACH", subprocess.run("id", shell=True, capture_output=True)),
    lambda: os.system("touch @OUTSIDE@/by_system") == 0 and print("BREACH: system"),
    lambda: print("BREACH", os.popen("id").read()) if os.popen("id").read() else None,
    lambda: print("BREACH", os.posix_spawn(sys.executable, [sys.executable, *MARK], {})),
    lambda: print("BREACH", os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, *MARK])),
    lambda: multiprocessing.get_context("fork").Process(target=print, args=("BREACH: child",)).start(),
    lambda: multiprocessing.get_context("spawn").Process(target=print, args=("BREACH: child",)).start(),
    lambda: libc.vfork() > 0 and print("BREACH: vfork"),
    lambda: libc.system(b"touch @OUTSIDE@/by_libc") == 0 and print("BREACH: libc system"),
]
for attempt in ATTEMPTS:
    with contextlib.suppress(Exception):
        attempt()
