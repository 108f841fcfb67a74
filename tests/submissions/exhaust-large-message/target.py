"""Raises an exception with a text of 50 MB."""

def curve(X):
    raise ValueError("x" * (50 << 20))
