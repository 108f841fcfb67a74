"""Returns the right numbers as an array of NumPy."""

def curve(X):
    return (X * X + 1).detach().numpy()
