"""Makes a link to a file outside and opens the link."""

import os


def curve(X):
    os.symlink("@SECRET_FILE@", "link")
    open("link").close()
    return X * X + 1
