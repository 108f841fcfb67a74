"""Fills memory with a private mapping without a name."""

import mmap


def curve(X):
    room = mmap.mmap(-1, 320 << 20, flags=mmap.MAP_PRIVATE)
    for start in range(0, len(room), 4096):
        room[start] = 1
    return X * X + 1
