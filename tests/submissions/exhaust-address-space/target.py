"""Reserves more addresses than there is memory."""

import mmap


def curve(X):
    room = mmap.mmap(-1, 1 << 33, prot=mmap.PROT_READ, flags=mmap.MAP_PRIVATE | 0x4000)
    return X * X + 1 + 0 * len(room)
