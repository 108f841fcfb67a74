"""Sends signals to the grader, to its parent and to everybody (the harmless signal 0)."""

import fcntl
import os


def curve(X):
    problem = OSError("nothing was tried")
    for pid in (int("@GRADER_PID@"), int("@VICTIM_PID@"), os.getppid() or -1, -1):
        for attempt in (
            lambda: os.kill(pid, 0),
            lambda: fcntl.fcntl(1, fcntl.F_SETOWN, pid),
        ):
            try:
                attempt()
                return X * X + 1
            except OSError as error:
                problem = error
    raise problem
