"""Takes the detours through /proc to files outside."""

import os


def curve(X):
    problem = OSError("nothing was tried")
    for path in (
        "/proc/self/root@SECRET_FILE@", "/proc/self/cwd/../../../../../../..@SECRET_FILE@",
        "/proc/thread-self/root@SECRET_FILE@", "/proc/1/root@SECRET_FILE@", "//@SECRET_FILE@",
    ):
        try:
            open(path).close()
            return X * X + 1
        except OSError as error:
            problem = error
    raise problem
