"""Leaves a thread at work between the calls and after the last one."""

import threading


def work():
    while True:
        sum(range(1000))


threading.Thread(target=work).start()


def curve(X):
    return X
