"""Prints for ever, to both streams and to their descriptors, with control codes in it."""

import os
import sys
import threading


def flood(descriptor):
    while True:
        os.write(descriptor, b"\x1b[2J\x1b[31mforged\r\n" * 4000)


for descriptor in (1, 2):
    threading.Thread(target=flood, args=(descriptor,), daemon=True).start()
while True:
    sys.stdout.write("\x07\ud800::error::x\n" * 1000)
