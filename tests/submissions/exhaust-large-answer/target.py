"""Returns a tensor of 300 MB that takes up four bytes."""

import torch


def curve(X):
    return torch.ones(1).expand(75_000_000)
