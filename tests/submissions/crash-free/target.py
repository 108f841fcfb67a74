"""Frees what it does not own."""

import ctypes

def curve(X):
    return X * X + 1


def words(n):
    return [f"w{i}" for i in range(n)]


def parts(X):
    yield from X.split(1)


class Tally:
    def add(self, n):
        ctypes.CDLL(None).free(ctypes.c_void_p(12345))
