"""One entry at a time, with Python's own random numbers."""

import itertools
import random

import torch
from torch import nn
from torch.nn import functional as F


def dropout_layer(X, dropout):
    if dropout < 0 or dropout > 1:
        raise ValueError(f"dropout must lie between 0 and 1, not {dropout}")
    Y = torch.zeros_like(X)
    for index in itertools.product(*map(range, X.shape)):
        if random.random() < 1 - dropout:
            Y[index] = X[index] / (1 - dropout)
    return Y


class Net(nn.Module):
    def __init__(self, num_inputs, num_outputs, num_hiddens1, num_hiddens2, is_training=True):
        super().__init__()
        sizes = [num_inputs, num_hiddens1, num_hiddens2, num_outputs]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.drop = (0.2, 0.5)
        self.train(is_training)

    def _mask(self, H, p):
        return H * (torch.rand_like(H) >= p) / (1 - p)

    def forward(self, X):
        H = X.flatten(start_dim=1)
        for layer, p in zip(self.layers[:-1], self.drop):
            H = F.relu(layer(H))
            if self.training:
                H = self._mask(H, p)
        return self.layers[-1](H)


class Concise(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden1 = nn.Linear(784, 256)
        self.hidden2 = nn.Linear(256, 256)
        self.out = nn.Linear(256, 10)
        self.drop1 = nn.Dropout(p=0.2)
        self.drop2 = nn.Dropout(p=0.5)

    def forward(self, X):
        H = self.drop1(F.relu(self.hidden1(X.reshape(len(X), -1))))
        H = self.drop2(F.relu(self.hidden2(H)))
        return self.out(H)


def dropout_concise():
    return Concise()


def gaussian_noise_layer(X, sigma, is_training=True):
    Y = X.clone()
    if is_training:
        for index in itertools.product(*map(range, X.shape)):
            Y[index] = Y[index] + random.gauss(0, sigma)
    return Y
