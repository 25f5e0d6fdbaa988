"""Fills the disk with files that lie in some of a thousand folders, where nobody might look."""

import os

for number in range(1000):
    os.mkdir(f"d{number}")
folders = [entry.name for entry in os.scandir(".") if entry.is_dir()][400:]
for folder in folders[:6]:
    with open(f"{folder}/large", "wb", buffering=0) as file:
        for _ in range(120):
            file.write(bytes(2**20))
while True:
    pass
