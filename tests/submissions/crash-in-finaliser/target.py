"""Crashes the process while an answer of its own is thrown away."""

def curve(X):
    return X * X + 1


def words(n):
    return [f"w{i}" for i in range(n)]


def parts(X):
    yield from X.split(1)


class Tally:
    total = 0

    def add(self, n):
        return self

    def __del__(self):
        import ctypes

        ctypes.string_at(0)
