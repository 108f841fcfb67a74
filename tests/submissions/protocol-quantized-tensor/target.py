"""Returns a quantized tensor."""

import torch


def curve(X):
    return torch.quantize_per_tensor((X * X + 1).detach(), 0.1, 0, torch.qint8)
