"""Fills memory from four threads at once."""

import threading
import time

KEPT = []


def fill():
    for _ in range(12):
        KEPT.append(bytearray(b"x") * (8 << 20))


def curve(X):
    threads = [threading.Thread(target=fill) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    time.sleep(0.2)
    if len(KEPT) < 48:
        raise MemoryError("no more")
    return X * X + 1
