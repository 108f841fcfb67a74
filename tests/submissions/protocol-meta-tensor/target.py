"""Returns a meta tensor."""

import torch


def curve(X):
    return torch.empty(X.shape, device="meta")
