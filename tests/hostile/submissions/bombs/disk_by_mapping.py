"""Fills the disk through mappings of deleted files whose descriptors are closed."""

import mmap
import os

held = []
while len(held) < 1000:
    try:
        descriptor = os.open("file", os.O_RDWR | os.O_CREAT)
        os.unlink("file")
        os.ftruncate(descriptor, 2**26)
        mapping = mmap.mmap(descriptor, 2**26)
        mapping.write(bytes(2**26))
        mapping.flush()
        mapping.close()
        held.append(mmap.mmap(descriptor, 4096))
        os.close(descriptor)
    except (OSError, ValueError):
        held.append(None)
