"""Makes, changes, truncates, renames and removes files outside its scratch folder."""

import os
import shutil

OUT = "@OUTSIDE@"
ATTEMPTS = [
    lambda: open(f"{OUT}/new", "w"),
    lambda: open(f"{OUT}/target.txt", "a"),
    lambda: open(f"{OUT}/target.txt", "w"),
    lambda: open(f"{OUT}/target.txt", "r+"),
    lambda: os.open(f"{OUT}/target.txt", os.O_RDONLY | os.O_TRUNC),
    lambda: os.truncate(f"{OUT}/target.txt", 0),
    lambda: os.open(OUT, os.O_WRONLY | os.O_TMPFILE),
    lambda: os.mkdir(f"{OUT}/folder"),
    lambda: os.remove(f"{OUT}/target.txt"),
    lambda: os.rename(f"{OUT}/target.txt", f"{OUT}/renamed.txt"),
    lambda: os.rename(f"{OUT}/target.txt", "mine"),
    lambda: os.symlink("/etc/passwd", f"{OUT}/symlink"),
    lambda: os.link(f"{OUT}/target.txt", f"{OUT}/link"),
    lambda: shutil.rmtree(OUT),
    lambda: shutil.move(f"{OUT}/target.txt", "."),
    lambda: (open("mine", "w").close(), os.rename("mine", f"{OUT}/mine")),
    lambda: (open("mine2", "w").close(), os.link("mine2", f"{OUT}/mine2")),
    lambda: os.rmdir(f"{OUT}/empty"),
    lambda: os.mkfifo(f"{OUT}/fifo"),
    lambda: open("/dev/shm/left_behind", "w"),
    lambda: open("/var/tmp/left_behind", "w"),
    lambda: open("/tmp/left_behind", "w"),
]
for number, attempt in enumerate(ATTEMPTS):
    try:
        attempt()
        print("BREACH: attempt", number)
    except OSError:
        pass
