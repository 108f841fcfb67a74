"""Sends a head with a text that is no text."""

import os
import struct


def send(head, payload=b"", claim=None, size=None):
    claim = len(payload) if claim is None else claim
    size = len(head) if size is None else size
    os.write(3, struct.pack("<4sIQ", b"AGW1", size, claim) + head + payload)


import msgspec


def curve(X):
    send(b"\x94\x01\xa2\xff\xfe\xc0\x90")
    return X
