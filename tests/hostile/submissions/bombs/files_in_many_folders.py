"""Makes more files than there may be, in so many folders that nobody looks into them all."""

import os

for number in range(600):
    os.mkdir(f"d{number}")
folders = [entry.name for entry in os.scandir(".") if entry.is_dir()]
for folder in reversed(folders):
    for number in range(20):
        os.close(os.open(f"{folder}/{number}", os.O_CREAT | os.O_WRONLY))
while True:
    pass
