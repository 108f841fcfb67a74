"""Never ends to clean up."""

class Endless:
    def __del__(self):
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

        Endless()
