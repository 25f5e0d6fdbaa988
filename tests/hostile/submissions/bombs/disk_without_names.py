"""Fills the disk with files that have no name any more."""

import os

held = []
while True:
    try:
        file = open("file", "wb")
        os.unlink("file")
        file.write(bytes(2**27))
        held.append(file)
    except OSError:
        held.append(None)
    if len(held) > 10_000:
        break
