"""Connects to a port of this machine."""

import socket


def curve(X):
    socket.create_connection(("127.0.0.1", int("@PORT@")), 2).close()
    return X * X + 1
