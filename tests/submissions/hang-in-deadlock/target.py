"""Waits for a lock that it holds itself."""

import threading


def curve(X):
    return X * X + 1


def words(n):
    return [f"w{i}" for i in range(n)]


def parts(X):
    yield from X.split(1)


class Tally:
    total = 0

    def add(self, n):

        lock = threading.Lock()
        lock.acquire()
        lock.acquire()
