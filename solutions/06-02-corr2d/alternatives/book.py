"""The book's own definitions; the two programs of the section are wrapped into functions."""

import torch
from torch import nn


def corr2d(X, K):
    h, w = K.shape
    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i:i + h, j:j + w] * K).sum()
    return Y


class Conv2D(nn.Module):
    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(kernel_size))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return corr2d(x, self.weight) + self.bias


def learn_edge_kernel(X, Y, num_steps=10, lr=3e-2):
    conv2d = nn.Conv2d(1, 1, kernel_size=(1, 2), bias=False)
    X = X.reshape((1, 1, *X.shape))
    Y = Y.reshape((1, 1, *Y.shape))
    losses = []
    for i in range(num_steps):
        Y_hat = conv2d(X)
        l = (Y_hat - Y) ** 2
        conv2d.zero_grad()
        l.sum().backward()
        conv2d.weight.data[:] -= lr * conv2d.weight.grad
        losses.append(l.sum().item())
        if (i + 1) % 2 == 0:
            print(f"epoch {i+1}, loss {l.sum():.3f}")
    return conv2d.weight.data.reshape((1, 2)), losses


def diagonal_edges(n=8):
    X = torch.eye(n)
    K = torch.tensor([[1.0, -1.0]])
    return corr2d(X, K), corr2d(X, K.t())
