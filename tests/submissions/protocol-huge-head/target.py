"""Claims a head of four gigabytes."""

import os
import struct


def send(head, payload=b"", claim=None, size=None):
    claim = len(payload) if claim is None else claim
    size = len(head) if size is None else size
    os.write(3, struct.pack("<4sIQ", b"AGW1", size, claim) + head + payload)



def curve(X):
    send(b"", size=2**32 - 1)
    return X
