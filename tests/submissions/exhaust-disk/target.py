"""Fills the disk with one file."""

def curve(X):
    with open("large", "wb") as file:
        for _ in range(40):
            file.write(bytes(1 << 20))
    return X * X + 1
