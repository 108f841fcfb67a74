"""Asks the kernel for its riskier services by number."""

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
    room = ctypes.create_string_buffer(256)
    first(
        lambda: call("keyctl", 0, -3, 1, 0, 0),
        lambda: call("bpf", 0, room, 72),
        lambda: call("io_uring_setup", 1, room),
        lambda: call("userfaultfd", 1),
        lambda: call("perf_event_open", room, 0, -1, -1, 0),
        lambda: call("open_by_handle_at", -100, room, 0),
        lambda: call("personality", 0x0040000),
        lambda: call("add_key", b"user", b"@TOKEN@", b"x", 1, -1),
    )
    return X * X + 1
