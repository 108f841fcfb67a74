"""Fills memory with a mapping of a file of its own."""

import mmap
import os


def curve(X):
    with open("room", "w+b") as file:
        os.truncate("room", 320 << 20)
        room = mmap.mmap(file.fileno(), 320 << 20)
    for start in range(0, len(room), 4096):
        room[start] = 1
    return X * X + 1
