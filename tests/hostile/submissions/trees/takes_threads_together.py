"""Eight processes that each start as many threads with small stacks as they can."""
import os
import threading
import time

threading.stack_size(32768)
for _ in range(7):
    if os.fork() == 0:
        break
try:
    while True:
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
except RuntimeError:
    time.sleep(600)
