"""Poisons caches that the next submission would load."""

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


import torch


def curve(X):
    first(*[
        lambda path=path: open(f"{path}/@TOKEN@", "w").close()
        for path in (
            "/tmp", os.path.dirname(os.__file__) + "/__pycache__", os.path.dirname(torch.__file__),
            os.path.dirname(os.__file__), "@SECRET_FOLDER@",
        )
    ])
    return X * X + 1
