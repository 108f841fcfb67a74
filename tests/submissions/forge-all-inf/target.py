"""Returns infinity everywhere, so that a relative difference becomes nan."""

import torch


def curve(X):
    return torch.full_like(X, float("inf"))
