"""Brings files that pytest and Python load by themselves."""

def curve(X):
    return X
