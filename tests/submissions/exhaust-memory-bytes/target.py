"""Fills memory with a bytes."""

import torch


def curve(X):
    kept = [bytearray(b'x') * (8 << 20) for _ in range(40)]
    return X * X + 1 + 0 * len(kept)
