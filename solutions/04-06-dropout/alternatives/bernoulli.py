"""Bernoulli draws, where and masked_fill; Net as a Sequential of small modules."""

import torch
from torch import nn


def dropout_layer(X: torch.Tensor, dropout: float) -> torch.Tensor:
    if not 0.0 <= dropout <= 1.0:
        raise AssertionError("dropout is a probability")
    keep = 1.0 - dropout
    if keep == 0:
        return X * 0
    kept = torch.bernoulli(torch.full_like(X, keep)).bool()
    return torch.where(kept, X / keep, torch.zeros_like(X))


class MyDropout(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, X):
        return dropout_layer(X, self.p) if self.training else X


class Net(nn.Sequential):
    def __init__(self, num_inputs, num_outputs, num_hiddens1, num_hiddens2, is_training=True):
        super().__init__(
            nn.Flatten(),
            nn.Linear(num_inputs, num_hiddens1),
            MyDropout(0.2),
            nn.ReLU(),
            nn.Linear(num_hiddens1, num_hiddens2),
            MyDropout(0.5),
            nn.ReLU(),
            nn.Linear(num_hiddens2, num_outputs),
        )
        self.train(is_training)


def dropout_concise() -> nn.Module:
    blocks = [nn.Flatten()]
    for n, m, p in [(784, 256, 0.2), (256, 256, 0.5)]:
        linear = nn.Linear(n, m)
        nn.init.xavier_uniform_(linear.weight)
        nn.init.zeros_(linear.bias)
        blocks.append(nn.Sequential(linear, nn.ReLU(), nn.Dropout(p)))
    return nn.Sequential(*blocks, nn.Linear(256, 10))


def gaussian_noise_layer(X, sigma, is_training=True):
    noise = torch.empty_like(X).normal_(mean=0, std=sigma) if is_training else torch.zeros_like(X)
    return torch.add(X, noise)
