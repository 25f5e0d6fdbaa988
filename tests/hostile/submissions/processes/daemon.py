"""Becomes a daemon: forks twice, leaves its session, closes everything, and waits to write."""

import contextlib
import os
import time

with contextlib.suppress(OSError):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 256)
            time.sleep(3)
            open("@OUTSIDE@/daemon", "w").close()
            time.sleep(600)
        os._exit(0)
    print("BREACH: forked")
with contextlib.suppress(OSError):
    os.setsid()
    print("BREACH: left its session")
