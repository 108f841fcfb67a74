"""Fills memory slowly enough for nobody to notice."""

import time

KEPT = []


def curve(X):
    for _ in range(40):
        KEPT.append(bytearray(b"x") * (8 << 20))
        time.sleep(0.01)
    return X * X + 1
