"""Becomes root again."""

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
        lambda: os.setuid(0),
        lambda: os.setresuid(0, 0, 0),
        lambda: os.setgroups([0]),
        lambda: os.setgid(0),
    )
    return X * X + 1
