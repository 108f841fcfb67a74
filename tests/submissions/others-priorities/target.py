"""Slows another process down or limits it."""

import os
import resource


def curve(X):
    problem = OSError("nothing was tried")
    victim = int("@VICTIM_PID@")
    for attempt in (
        lambda: os.setpriority(os.PRIO_PROCESS, victim, 19),
        lambda: os.sched_setaffinity(victim, {0}),
        lambda: resource.prlimit(victim, resource.RLIMIT_CORE, (0, 0)),
    ):
        try:
            attempt()
            return X * X + 1
        except OSError as error:
            problem = error
    raise problem
