"""Sixteen processes take memory together, each within its own limit, private, shared and in /dev/shm."""
import os
import time

blob = b"x" * 2**20
for number in range(16):
    if os.fork() == 0:
        held = []
        try:
            while len(held) < 20:
                held.append(blob * 32)
                if number % 4 == 0:
                    with open(f"/dev/shm/{number}-{len(held)}", "wb") as file:
                        file.write(blob * 64)
        except (OSError, MemoryError):
            pass
        time.sleep(600)
time.sleep(600)
