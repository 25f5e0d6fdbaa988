"""Every child forks again: the number is bounded, also for root, and all of them are ended."""
import contextlib
import os
import time

most = 0
while True:
    try:
        if os.fork() == 0:
            most = 0
            continue
        most += 1
    except OSError:
        break
if most > 100:
    print("BREACH: forked", most)
time.sleep(600)
