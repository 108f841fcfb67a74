"""Forks until somebody stops it."""

import os
import time


def curve(X):
    for _ in range(40):
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
    return X * X + 1
