"""Answers at once and never ends to compute the gradient."""

import torch


class Endless(torch.autograd.Function):
    @staticmethod
    def forward(ctx, X):
        return X * X + 1

    @staticmethod
    def backward(ctx, grad):
        while True:
            pass


def curve(X):
    return Endless.apply(X)
