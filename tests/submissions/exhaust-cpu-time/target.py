"""Computes longer than it may, and answers right."""

import time


def curve(X):
    while time.process_time() < 30:
        pass
    return X * X + 1
