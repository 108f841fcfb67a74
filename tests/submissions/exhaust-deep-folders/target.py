"""Makes a folder in a folder in a folder."""

import os


def curve(X):
    for _ in range(3000):
        os.mkdir("deeper")
        os.chdir("deeper")
    return X * X + 1
