"""Makes a million files and folders."""

import contextlib
import os

for number in range(1_000_000):
    with contextlib.suppress(OSError):
        os.mkdir(str(number))
        os.close(os.open(f"{number}/file", os.O_CREAT | os.O_WRONLY))
