"""Computes a power with more digits than there is time for."""

def curve(X):
    return X * X + 1


def words(n):
    return [f"w{i}" for i in range(n)]


def parts(X):
    yield from X.split(1)


class Tally:
    total = 0

    def add(self, n):

        str(7 ** (10**7))
        7 ** (10**9)
