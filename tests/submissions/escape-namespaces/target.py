"""Enters new namespaces and another root."""

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
        lambda: call("unshare", 0x00020000),
        lambda: call("unshare", 0x10000000),
        lambda: call("setns", os.open("/proc/self/ns/mnt", os.O_RDONLY), 0),
        lambda: os.chroot("/"),
        lambda: call("mount", b"none", b"/tmp/@TOKEN@", b"tmpfs", 0, 0),
        lambda: call("pivot_root", b".", b"."),
    )
    return X * X + 1
