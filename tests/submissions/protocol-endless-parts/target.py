"""Yields parts without end."""

def parts(X):
    while True:
        yield X
