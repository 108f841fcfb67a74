"""Calls the function that the task rules out."""

import torch


def curve(X):
    return torch.square(X) + 1
