"""Reads a file outside its scratch folder, by open, os.open, mmap, numpy, torch, a link and the C library."""

import ctypes
import os

import numpy
import torch

SECRET = "@OUTSIDE@/secret.txt"


def by_link():
    os.symlink(SECRET, "link")
    return open("link").read()


def by_libc():
    libc = ctypes.CDLL(None)
    descriptor = libc.open(SECRET.encode(), 0)
    data = ctypes.create_string_buffer(100)
    if descriptor < 0 or libc.read(descriptor, data, 100) < 0:
        raise OSError
    return data.raw


def by_sendfile():
    return os.open(SECRET, os.O_PATH) and open("/proc/self/fd/%d" % os.open(SECRET, os.O_PATH)).read()


ATTEMPTS = [
    lambda: open(SECRET).read(),
    lambda: os.read(os.open(SECRET, os.O_RDONLY), 100),
    lambda: numpy.fromfile(SECRET, "u1").tobytes(),
    lambda: torch.from_file(SECRET, size=10, dtype=torch.uint8),
    lambda: torch.load(SECRET),
    by_link,
    by_libc,
    by_sendfile,
    lambda: os.link(SECRET, "hard") or open("hard").read(),
    lambda: os.rename(SECRET, "moved") or open("moved").read(),
]
for attempt in ATTEMPTS:
    try:
        print("BREACH:", attempt())
    except Exception as error:
        print(type(error).__name__)
