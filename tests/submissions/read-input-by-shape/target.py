"""Carries a hidden input out in the shape of an empty answer."""

import torch


def curve(X):
    return torch.empty(0, *[abs(int(x)) for x in X.detach().flatten().tolist()[:3]])
