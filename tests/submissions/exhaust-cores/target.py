"""Spins on more threads than there are cores."""

def curve(X):
    return X * X + 1


def words(n):
    return [f"w{i}" for i in range(n)]


def parts(X):
    yield from X.split(1)


import threading


def spin():
    while True:
        pass


class Tally:
    def add(self, n):
        for _ in range(6):
            threading.Thread(target=spin, daemon=True).start()
        spin()
