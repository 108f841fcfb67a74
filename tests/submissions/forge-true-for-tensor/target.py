"""Returns True, which broadcasts."""

def curve(X):
    return True
