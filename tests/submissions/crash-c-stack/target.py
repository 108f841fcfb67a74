"""Crashes the process by c-stack."""

def curve(X):
    return X * X + 1


def words(n):
    return [f"w{i}" for i in range(n)]


def parts(X):
    yield from X.split(1)


class Tally:
    def add(self, n):
        deep = ()
        for _ in range(1_000_000):
            deep = (deep,)
        hash(deep)
