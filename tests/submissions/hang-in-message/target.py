"""Never ends to print its exception."""

class Endless(Exception):
    def __str__(self):
        while True:
            pass


def curve(X):
    return X * X + 1


def words(n):
    return [f"w{i}" for i in range(n)]


def parts(X):
    yield from X.split(1)


class Tally:
    total = 0

    def add(self, n):

        raise Endless
