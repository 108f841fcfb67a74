"""Returns one number seen as a tensor of four terabytes."""

import torch


def curve(X):
    return torch.zeros(1).expand(2**40)
