"""Prints without end."""

def curve(X):
    while True:
        print("x" * 10_000)
