"""Fills the disk in a folder that can be written and not read, so that an ordinary user cannot look into it."""

import os

os.mkdir("closed", 0o300)
for number in range(6):
    with open(f"closed/{number}", "wb", buffering=0) as file:
        for _ in range(120):
            file.write(bytes(2**20))
while True:
    pass
