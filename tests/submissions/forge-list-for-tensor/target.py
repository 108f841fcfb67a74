"""Returns the right numbers as a list."""

def curve(X):
    return (X * X + 1).tolist()
