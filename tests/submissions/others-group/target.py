"""Sends a signal to its whole process group."""

import os
import signal
import time


def curve(X):
    os.kill(0, signal.SIGTERM)
    os.kill(0, signal.SIGKILL)
    time.sleep(60)
