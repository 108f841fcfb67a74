"""Reads a file that everybody may read."""

def curve(X):
    open("@SECRET_FILE@").read()
    return X * X + 1
