"""Opens files until somebody stops it."""

import os

KEPT = []


def curve(X):
    for _ in range(600):
        KEPT.append(os.open("/dev/null", os.O_RDONLY))
    return X * X + 1
