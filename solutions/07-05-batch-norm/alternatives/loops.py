"""One feature at a time, moments as sums, small modules in a loop."""

import torch
from torch import nn


def _normalise(x, mean, var, eps):
    return (x - mean) / (var + eps) ** 0.5


def batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    predicting = not torch.is_grad_enabled()
    if not predicting and len(X.shape) != 2 and len(X.shape) != 4:
        raise AssertionError("2-D or 4-D")
    new_mean, new_var = moving_mean.clone(), moving_var.clone()
    columns = []
    for c in range(X.shape[1]):
        x = X[:, c]
        old_mean, old_var = moving_mean.flatten()[c], moving_var.flatten()[c]
        if predicting:
            mean, var = old_mean, old_var
        else:
            m = x.numel()
            mean = x.sum() / m
            var = (x * x).sum() / m - mean * mean
            new_mean.view(-1)[c] = momentum * old_mean + (1 - momentum) * mean.detach()
            new_var.view(-1)[c] = momentum * old_var + (1 - momentum) * var.detach()
        columns.append(gamma.flatten()[c] * _normalise(x, mean, var, eps) + beta.flatten()[c])
    return torch.stack(columns, dim=1), new_mean, new_var


class BatchNorm(nn.Module):
    def __init__(self, num_features, num_dims):
        super().__init__()
        like = torch.empty(1, num_features, *[1] * (num_dims - 2))
        self.gamma = nn.Parameter(torch.ones_like(like))
        self.beta = nn.Parameter(torch.zeros_like(like))
        self.moving_mean = torch.zeros_like(like)
        self.moving_var = torch.ones_like(like)

    def forward(self, X):
        out = batch_norm(
            X=X,
            gamma=self.gamma,
            beta=self.beta,
            moving_mean=self.moving_mean,
            moving_var=self.moving_var,
            eps=0.00001,
            momentum=9 / 10,
        )
        self.moving_mean, self.moving_var = out[1:]
        return out[0]


def bn_lenet():
    layers, channels = [], 1
    for width in (6, 16):
        layers += [nn.Conv2d(channels, width, 5), BatchNorm(width, 4), nn.ReLU(), nn.AvgPool2d(2)]
        channels = width
    layers.append(nn.Flatten())
    channels = 16 * 4 * 4
    for width in (120, 84):
        layers.append(nn.Sequential(nn.Linear(channels, width), BatchNorm(width, 2), nn.ReLU()))
        channels = width
    return nn.Sequential(*layers, nn.Linear(channels, 10))
