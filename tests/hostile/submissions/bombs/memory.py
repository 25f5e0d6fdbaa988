"""Takes all memory that there is."""

held = []
while True:
    held.append(bytearray(64 * 2**20))
