"""Starts a shell, the loader, an interpreter and a program in memory."""

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


import subprocess
import sys


def curve(X):
    first(
        lambda: subprocess.run(["/bin/sh", "-c", "true"], check=True),
        lambda: subprocess.run([sys.executable, "-c", ""], check=True),
        lambda: os.posix_spawn("/lib64/ld-linux-x86-64.so.2", ["ld.so", "--version"], {}),
        lambda: call("memfd_create", b"program", 0),
        lambda: os.execv("/bin/true", ["true"]),
    )
    return X * X + 1
