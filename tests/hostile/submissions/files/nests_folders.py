"""Nests three thousand folders, each with a file and a link, so that no path reaches the innermost."""

import os

for number in range(3000):
    os.mkdir("d" * 50)
    open(f"file{number}", "w").close()
    os.symlink("@OUTSIDE@", "link")
    os.chdir("d" * 50)
