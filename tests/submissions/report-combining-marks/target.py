"""Piles up marks that reach over the lines above."""

def curve(X):
    raise ValueError("a" + "\u0300" * 1500)
