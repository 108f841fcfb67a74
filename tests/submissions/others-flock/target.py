"""Locks a file that all cells share with the other kind of lock."""

import fcntl
import os


def curve(X):
    with open(os.__file__) as file:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    return X * X + 1
