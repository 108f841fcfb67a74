"""Nests lists half a million deep."""

import os
import struct


def send(head, payload=b"", claim=None, size=None):
    claim = len(payload) if claim is None else claim
    size = len(head) if size is None else size
    os.write(3, struct.pack("<4sIQ", b"AGW1", size, claim) + head + payload)



def curve(X):
    deep = b"\x91" * 500_000 + b"\x00"
    send(b"\x94\x01\xa2ok" + deep + b"\x90")
    return X
