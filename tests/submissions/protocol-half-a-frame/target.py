"""Sends half a frame and falls asleep."""

import os
import struct


def send(head, payload=b"", claim=None, size=None):
    claim = len(payload) if claim is None else claim
    size = len(head) if size is None else size
    os.write(3, struct.pack("<4sIQ", b"AGW1", size, claim) + head + payload)


def curve(X):
    return X * X + 1


def words(n):
    return [f"w{i}" for i in range(n)]


def parts(X):
    yield from X.split(1)


import time


class Tally:
    def add(self, n):
        send(b"", size=1000, claim=10)
        time.sleep(60)
