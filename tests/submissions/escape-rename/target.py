"""Moves a file outside away."""

import os


def curve(X):
    os.rename("@SECRET_FILE@", "@SECRET_FOLDER@/@TOKEN@")
    return X * X + 1
