"""Opens a socket of each family it can think of."""

import socket


def curve(X):
    problem = OSError("nothing was tried")
    for family, kind in (
        (socket.AF_INET, socket.SOCK_STREAM), (socket.AF_INET, socket.SOCK_DGRAM),
        (socket.AF_INET6, socket.SOCK_STREAM), (socket.AF_UNIX, socket.SOCK_STREAM),
        (socket.AF_NETLINK, socket.SOCK_RAW), (socket.AF_INET, socket.SOCK_RAW),
        (socket.AF_PACKET, socket.SOCK_RAW), (40, socket.SOCK_STREAM), (38, socket.SOCK_SEQPACKET),
    ):
        try:
            socket.socket(family, kind).close()
            return X * X + 1
        except OSError as error:
            problem = error
    raise problem
