"""Starts threads until somebody stops it."""

import threading
import time

# Small ones, so that no limit on memory comes first.
threading.stack_size(1 << 18)


def curve(X):
    for _ in range(100):
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
    time.sleep(0.5)
    return X * X + 1
