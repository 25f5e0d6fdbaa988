"""The colours of all drawings."""

PAPER, INK, MOUNT = (255, 255, 255), (40, 40, 40), (242, 242, 242)
STRONG, PALE = (31, 95, 168), (185, 207, 230)
