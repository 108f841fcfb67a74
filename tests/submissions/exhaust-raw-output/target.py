"""Floods standard error below Python."""

import os


def curve(X):
    while True:
        os.write(2, b"x" * 65536)
