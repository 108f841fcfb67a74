"""Raises an exception with a hundred thousand causes."""

def curve(X):
    error = ValueError("first")
    for number in range(100_000):
        try:
            raise ValueError(str(number)) from error
        except ValueError as later:
            error = later
    raise error
