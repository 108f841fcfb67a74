"""Runs torch on more threads than the warm process had."""

import torch


def curve(X):
    return X * X + 1


def words(n):
    return [f"w{i}" for i in range(n)]


def parts(X):
    yield from X.split(1)


class Tally:
    total = 0

    def add(self, n):

        torch.set_num_threads(4)
        while True:
            torch.ones(300, 300) @ torch.ones(300, 300)
