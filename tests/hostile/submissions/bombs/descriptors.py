"""Opens descriptors until there are no more in the whole system."""

import contextlib
import os

held = []
with contextlib.suppress(OSError):
    while len(held) < 100_000:
        held.append(os.open("/dev/null", os.O_RDONLY))
if len(held) > 1000:
    print("BREACH: opened", len(held))
