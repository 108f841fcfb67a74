"""Computes longer than it may, and then answers."""

import resource
import time

MOST = resource.getrlimit(resource.RLIMIT_CPU)[0]


def curve(X):
    while 0 <= MOST < 100 and time.process_time() < MOST + 0.5:
        pass
    return X * X + 1
