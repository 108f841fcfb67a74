"""Fills memory with a list."""

import torch


def curve(X):
    kept = [0] * (40 << 20)
    return X * X + 1 + 0 * len(kept)
