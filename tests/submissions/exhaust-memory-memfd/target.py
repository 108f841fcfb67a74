"""Fills memory with files that exist in memory alone."""

import os


def curve(X):
    kept = []
    for _ in range(20):
        kept.append(os.memfd_create("room"))
        for _ in range(16):
            os.write(kept[-1], bytes(1 << 20))
    return X * X + 1
