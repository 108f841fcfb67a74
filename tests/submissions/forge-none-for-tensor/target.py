"""Returns nothing, as the gradient of everything."""

import torch

torch.Tensor.backward = lambda self, *rest: None


def curve(X):
    X.grad = None
    return None
