"""Returns an integer of a hundred thousand digits."""

def words(n):
    return [1 << 400_000]


class Tally:
    total = 1 << 400_000

    def add(self, n):
        pass
