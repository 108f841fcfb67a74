"""Counts in floats, which Python thinks are equal to integers."""

class Tally:
    def __init__(self):
        self.total = 0.0

    def add(self, n):
        self.total += n
