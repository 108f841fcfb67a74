"""torch.var_mean, moving statistics in buffers that are written in place, a network as a class."""

import torch
from torch import nn
from torch.nn import functional as F


def batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    training = torch.is_grad_enabled()
    if training:
        if X.ndim not in {2, 4}:
            raise ValueError("X must have 2 or 4 dimensions")
        dims = [d for d in range(X.ndim) if d != 1]
        var, mean = torch.var_mean(X, dim=dims, correction=0, keepdim=True)
        with torch.no_grad():
            moving_mean.lerp_(mean, 1 - momentum)
            moving_var.lerp_(var, 1 - momentum)
    else:
        mean, var = moving_mean, moving_var
    scale = gamma * torch.rsqrt(var + eps)
    return X * scale + (beta - mean * scale), moving_mean, moving_var


class BatchNorm(nn.Module):
    def __init__(self, num_features, num_dims):
        super().__init__()
        shape = [1] * num_dims
        shape[1] = num_features
        self.beta = nn.Parameter(torch.zeros(shape))
        self.gamma = nn.Parameter(torch.ones(shape))
        self.register_buffer("moving_mean", torch.zeros(shape))
        self.register_buffer("moving_var", torch.ones(shape))

    def forward(self, X):
        return batch_norm(X, self.gamma, self.beta, self.moving_mean, self.moving_var, 1e-5, 0.9)[0]


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(84, 10)
        self.fc1, self.fc2 = nn.Linear(256, 120), nn.Linear(120, 84)
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.norms = nn.ModuleList(
            [BatchNorm(6, 4), BatchNorm(16, 4), BatchNorm(120, 2), BatchNorm(84, 2)]
        )

    def forward(self, X):
        X = F.max_pool2d(F.relu(self.norms[0](self.conv1(X))), 2)
        X = F.max_pool2d(F.relu(self.norms[1](self.conv2(X))), 2)
        X = X.flatten(1)
        X = F.relu(self.norms[2](self.fc1(X)))
        X = F.relu(self.norms[3](self.fc2(X)))
        return self.out(X)


def bn_lenet():
    return LeNet()
