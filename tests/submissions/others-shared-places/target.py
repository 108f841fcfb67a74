"""Leaves things where the next submission could find them."""

import ctypes
import os

from seccompy import syscall_nr

libc = ctypes.CDLL(None, use_errno=True)


def call(name, *args):
    if libc.syscall(syscall_nr(name), *args) == -1:
        raise OSError(ctypes.get_errno(), name)


def first(*tries):
    problem = OSError("nothing was tried")
    for attempt in tries:
        try:
            return attempt()
        except OSError as error:
            problem = error
    raise problem


def curve(X):
    first(
        lambda: open("/dev/shm/@TOKEN@", "w").close(),
        lambda: open("/tmp/@TOKEN@", "w").close(),
        lambda: open("/var/tmp/@TOKEN@", "w").close(),
        lambda: call("shmget", 0x51C, 4096, 0o1600),
        lambda: call("mq_open", b"@TOKEN@", 0o102, 0o600, 0),
        lambda: call("semget", 0x51C, 1, 0o1600),
    )
    return X * X + 1
