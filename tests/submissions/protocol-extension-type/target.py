"""Sends a head with an extension of msgpack."""

import os
import struct


def send(head, payload=b"", claim=None, size=None):
    claim = len(payload) if claim is None else claim
    size = len(head) if size is None else size
    os.write(3, struct.pack("<4sIQ", b"AGW1", size, claim) + head + payload)


import msgspec


def curve(X):
    send(b"\x94\x01\xa2ok\xd4\x05\x00\x90")
    return X
