"""Claims a payload of an exabyte."""

import os
import struct


def send(head, payload=b"", claim=None, size=None):
    claim = len(payload) if claim is None else claim
    size = len(head) if size is None else size
    os.write(3, struct.pack("<4sIQ", b"AGW1", size, claim) + head + payload)



def curve(X):
    send(b"", claim=2**60)
    return X
