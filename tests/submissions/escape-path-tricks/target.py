"""Asks for files by names that are too long, hold a null or climb."""

import os


def curve(X):
    problem = OSError("nothing was tried")
    for path in (
        "../" * 40 + "@SECRET_FILE@", "/" + "./" * 2000 + "@SECRET_FILE@", "x" * 5000,
        b"/etc/passwd\xff", "/dev/fd/../../@SECRET_FILE@",
    ):
        try:
            open(path).close()
            return X * X + 1
        except (OSError, ValueError) as error:
            problem = error
    raise problem
