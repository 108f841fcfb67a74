"""Fills memory with a tensor."""

import torch


def curve(X):
    kept = torch.ones(100 << 20)
    return X * X + 1 + 0 * len(kept)
