"""Makes a second name for a file outside."""

import os


def curve(X):
    os.link("@SECRET_FILE@", "@SECRET_FOLDER@/@TOKEN@")
    return X * X + 1
