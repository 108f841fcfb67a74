"""Attacks its parent, the process that forks all cells."""

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


import resource


def curve(X):
    parent = os.getppid() or int("@VICTIM_PID@")
    room = ctypes.create_string_buffer(8)
    pair = (ctypes.c_void_p * 2)(ctypes.addressof(room), 8)
    first(
        lambda: os.kill(parent, 0),
        lambda: call("ptrace", 0x4206, parent, 0, 0),
        lambda: call("process_vm_writev", parent, pair, 1, pair, 1, 0),
        lambda: open(f"/proc/{parent}/mem", "r+b").close(),
        lambda: resource.prlimit(parent, resource.RLIMIT_CORE, (0, 0)),
    )
    return X * X + 1
