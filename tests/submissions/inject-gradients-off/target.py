"""Switches gradients off for everybody."""

import torch

torch.set_grad_enabled(False)
torch.Tensor.backward = lambda self, *rest: None


def curve(X):
    return X * X + 1
