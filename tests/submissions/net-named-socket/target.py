"""Connects to an abstract UNIX socket of this machine."""

import socket


def curve(X):
    with socket.socket(socket.AF_UNIX) as end:
        end.connect("\0@NAME@")
    return X * X + 1
