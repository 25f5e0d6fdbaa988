"""Takes disk and memory in files that have no name: deleted ones, and ones that never had any."""

import os
import time

open_files = []
block = bytes(2**20)


def fill(descriptor):
    open_files.append(descriptor)
    for _ in range(120):
        os.write(descriptor, block)


try:
    for number in range(6):
        descriptor = os.open(f"file{number}", os.O_CREAT | os.O_WRONLY)
        os.unlink(f"file{number}")
        fill(descriptor)
    for number in range(6):
        fill(os.memfd_create(f"memory{number}"))
except OSError:
    pass
time.sleep(600)
