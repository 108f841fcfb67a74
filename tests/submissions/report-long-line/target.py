"""Raises a line that no page is wide enough for."""

def curve(X):
    print("x" * 60_000)
    raise ValueError("y" * 60_000)
