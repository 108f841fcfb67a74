"""Watches files that all cells share."""

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
    call("inotify_init1", 0)
    return X * X + 1
